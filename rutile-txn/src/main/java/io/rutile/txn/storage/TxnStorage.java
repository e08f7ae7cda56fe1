package io.rutile.txn.storage;

import io.rutile.base.clock.Timers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.txn.concurrency.ConcurrencyManager;
import io.rutile.txn.deadlock.DeadlockDetector;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gc.GarbageSweep;
import io.rutile.txn.gc.GcSettings;
import io.rutile.txn.gc.GcWorker;
import io.rutile.txn.gc.RangeDestroyer;
import io.rutile.txn.gc.SafePoints;
import io.rutile.txn.gc.VersionSweep;
import io.rutile.txn.keymode.ApiVersionGate;
import io.rutile.txn.lockwait.LockManager;
import io.rutile.txn.pool.TaskPool;
import io.rutile.txn.raw.BatchedCausalTimestamps;
import io.rutile.txn.raw.RawService;
import io.rutile.txn.raw.RawVersionSweep;
import io.rutile.txn.read.ReadExecutor;
import io.rutile.txn.scheduler.FlowControl;
import io.rutile.txn.scheduler.SchedulerMetrics;
import io.rutile.txn.scheduler.TxnScheduler;
import io.rutile.txn.scheduler.TxnStatusCache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transaction layer of one store, put together: pools, scheduler, concurrency manager, and the
 * facades {@link RawKv} and {@link TxnKv} in front of them.
 *
 * <p>Owns the threads {@code read-i}, {@code scheduler-i} and {@code gc-worker-0}. Close it before
 * the gate and the engine: it answers what it has taken in first.
 */
public final class TxnStorage implements AutoCloseable {
  private final StorageOptions options;
  private final TaskPool readPool;
  private final TaskPool schedulerPool;
  private final ConcurrencyManager concurrency;
  private final TxnScheduler scheduler;
  private final TaskPool gcWorker;
  private final DeadlockDetector detector;
  private final LockManager lockManager;
  private final RawKv raw;
  private final TxnKv txn;
  private volatile @Nullable GcWorker gc;
  private volatile boolean closed;
  private volatile Timers.Timeout nextSync = () -> false;

  private TxnStorage(StorageOptions options) {
    this.options = options;
    StorageOptions.Settings settings = options.settings();
    SchedulerMetrics metrics = new SchedulerMetrics(options.metrics());
    readPool =
        options
            .pools()
            .create("read", settings.reads().threads(), settings.reads().maxTasksPerThread());
    schedulerPool =
        options
            .pools()
            .create(
                "scheduler",
                settings.writes().threads(),
                Integer.MAX_VALUE / settings.writes().threads());
    concurrency = new ConcurrencyManager(0, options.clock(), settings.maxTs().maxDrift());
    detector =
        new DeadlockDetector(options.deadlocks(), options.clock(), settings.locks().waitTimeout());
    lockManager =
        new LockManager(
            detector,
            options.timers(),
            options.clock(),
            options.metrics(),
            settings.locks().waitTimeout(),
            settings.locks().wakeUpDelay());
    TxnStatusCache statuses = new TxnStatusCache(settings.writes().txnStatusCapacity());
    scheduler =
        new TxnScheduler(
            new TxnScheduler.Parts(
                options.gate(),
                schedulerPool,
                options.clock(),
                FlowControl.OPEN,
                lockManager,
                statuses,
                metrics),
            new TxnScheduler.Limits(
                settings.writes().latchSlots(),
                settings.writes().pendingWriteThreshold(),
                settings.writes().memoryQuota()));
    ReadExecutor reads = new ReadExecutor(options.gate(), readPool, options.clock());
    ApiVersionGate apiVersion = new ApiVersionGate(settings.apiVersion());
    RawService rawService =
        new RawService(
            options.gate(),
            scheduler,
            apiVersion,
            settings.maxKeySize(),
            options.clock(),
            new BatchedCausalTimestamps(options.oracle()::allocate, options.clock()));
    raw = new RawKvFacade(options.gate(), reads, rawService, metrics);
    gcWorker = options.pools().create("gc-worker", 1, RangeDestroyer.MAX_QUEUED);
    TxnGate checks = new TxnGate(apiVersion, settings.maxKeySize());
    txn =
        new TxnKvFacade(
            new TxnKvFacade.Parts(
                options.gate(),
                reads,
                scheduler,
                concurrency,
                statuses,
                lockManager,
                checks,
                new RangeRequests(
                    options.gate(),
                    new RangeDestroyer(options.engine(), gcWorker),
                    checks,
                    options.clock()),
                options.clock(),
                metrics));
    registerGauges(options.metrics());
  }

  /** Starts the layer: its threads, and the watch over the oracle's timestamps. */
  public static TxnStorage start(StorageOptions options) {
    TxnStorage storage = new TxnStorage(options);
    storage.syncMaxTsLimit();
    return storage;
  }

  private void registerGauges(MetricRegistry registry) {
    registry
        .gauge("tikv_concurrency_manager_max_ts", "The largest timestamp that was read")
        .labels()
        .callback(concurrency::maxTs);
    registry
        .gauge("tikv_scheduler_writing_bytes", "Bytes of writes that are under way")
        .labels()
        .callback(scheduler::pendingWriteBytes);
  }

  /** Looks at the oracle again and again: what it has given out limits what clients may send. */
  private void syncMaxTsLimit() {
    options
        .oracle()
        .allocate(1)
        .whenComplete((timestamp, failure) -> {
          if (timestamp != null) {
            concurrency.onOracleTimestamp(timestamp);
          }
          if (!closed) {
            long interval = options.settings().maxTs().syncInterval().toNanos();
            nextSync = options.timers().after(interval, this::syncMaxTsLimit);
          }
        });
  }

  /**
   * Begins to collect garbage in the regions that this store leads; once.
   *
   * @return the collector, for changes of its settings; it ends with this layer
   */
  public GcWorker startGc(
      GcWorker.LedRegions regions, SafePoints.Source safePoints, GcSettings settings) {
    List<GarbageSweep> sweeps =
        options.settings().apiVersion() == APIVersion.V2
            ? List.of(new VersionSweep(), new RawVersionSweep())
            : List.of(new VersionSweep());
    GcWorker started =
        new GcWorker(
            new GcWorker.Parts(
                options.gate(),
                regions,
                safePoints,
                sweeps,
                gcWorker,
                options.clock(),
                options.timers(),
                options.metrics()),
            settings);
    gc = started;
    started.start();
    return started;
  }

  public RawKv raw() {
    return raw;
  }

  public TxnKv txn() {
    return txn;
  }

  /** Memory locks and max_ts, for replication's hooks and for coprocessor reads. */
  public ConcurrencyManager concurrency() {
    return concurrency;
  }

  /** The threads on which this store reads. */
  public TaskPool readPool() {
    return readPool;
  }

  /** Finds deadlocks: the service for other stores hands their requests to it. */
  public DeadlockDetector deadlockDetector() {
    return detector;
  }

  /** Requests that wait for locks, for the service that lists them. */
  public LockManager lockManager() {
    return lockManager;
  }

  /** This store leads a region no more: those who wait for locks in it are answered. */
  public void onRegionLost(long regionId) {
    lockManager.cancelRegion(regionId, RegionErrors.notLeader(regionId, null));
  }

  /** Changes the scheduler's limits that can change online. */
  public void setWriteLimits(long pendingWriteThreshold, long memoryQuota) {
    scheduler.setLimits(pendingWriteThreshold, memoryQuota);
  }

  @Override
  public void close() {
    closed = true;
    nextSync.cancel();
    GcWorker collecting = gc;
    if (collecting != null) {
      collecting.close();
    }
    schedulerPool.close();
    readPool.close();
    gcWorker.close();
  }
}
