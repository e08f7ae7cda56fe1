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
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import io.rutile.txn.raw.BatchedCausalTimestamps;
import io.rutile.txn.raw.RawService;
import io.rutile.txn.raw.RawVersionSweep;
import io.rutile.txn.raw.TtlChecker;
import io.rutile.txn.read.ReadExecutor;
import io.rutile.txn.scheduler.EngineFlowControl;
import io.rutile.txn.scheduler.SchedulerMetrics;
import io.rutile.txn.scheduler.TxnScheduler;
import io.rutile.txn.scheduler.TxnStatusCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The transaction layer of one store, put together: pools, scheduler, concurrency manager, and the
 * facades {@link RawKv} and {@link TxnKv} in front of them.
 *
 * <p>Owns the threads {@code read-i}, {@code scheduler-i} and {@code gc-worker-0}. Close it before
 * the gate and the engine: it answers what it has taken in first.
 */
public final class TxnStorage implements AutoCloseable {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final StorageOptions options;
  private final TaskPool readPool;
  private final TaskPool schedulerPool;
  private final ConcurrencyManager concurrency;
  private final EngineFlowControl flow;
  private final TxnScheduler scheduler;
  private final TaskPool gcWorker;
  private final DeadlockDetector detector;
  private final LockManager lockManager;
  private final RawKv raw;
  private final TxnKv txn;
  private final RawService rawService;
  private volatile @Nullable GcWorker gc;
  private volatile @Nullable TtlChecker ttl;
  private volatile boolean closed;
  private volatile Timers.Timeout nextSync = () -> false;
  private volatile Timers.Timeout nextLook = () -> false;

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
    flow =
        new EngineFlowControl(
            options.clock(), options.metrics(), EngineFlowControl.Settings.defaults());
    TxnStatusCache statuses = new TxnStatusCache(settings.writes().txnStatusCapacity());
    scheduler =
        new TxnScheduler(
            new TxnScheduler.Parts(
                options.gate(),
                schedulerPool,
                options.clock(),
                flow,
                lockManager,
                statuses,
                metrics),
            new TxnScheduler.Limits(
                settings.writes().latchSlots(),
                settings.writes().pendingWriteThreshold(),
                settings.writes().memoryQuota()));
    ReadExecutor reads = new ReadExecutor(options.gate(), readPool, options.clock());
    ApiVersionGate apiVersion = new ApiVersionGate(settings.apiVersion());
    rawService =
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
                new FlashbackRequests(options.gate(), checks, options.clock()),
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

  /**
   * Begins to delete expired raw keys where values may expire and have no versions (API V1 with
   * TTL); once.
   *
   * @return the checker, for changes of its interval; it ends with this layer
   */
  public Optional<TtlChecker> startTtlChecker(GcWorker.LedRegions regions, Duration interval) {
    if (options.settings().apiVersion() != APIVersion.V1TTL) {
      return Optional.empty();
    }
    TtlChecker started =
        new TtlChecker(
            new TtlChecker.Parts(
                options.gate(),
                rawService,
                regions,
                gcWorker,
                options.clock(),
                options.timers(),
                options.metrics()),
            interval);
    ttl = started;
    started.start();
    return Optional.of(started);
  }

  /**
   * Begins to look at the engine every second, so that writes are held back while it is behind;
   * once.
   *
   * @return the control, for changes of its settings
   */
  public EngineFlowControl startFlowControl(EngineFlowControl.Settings settings) {
    flow.setSettings(settings);
    lookAtEngineLater();
    return flow;
  }

  private void lookAtEngineLater() {
    if (!closed) {
      nextLook =
          options
              .timers()
              .after(
                  LOOK_NANOS,
                  () -> {
                    if (!readPool.offer(Priority.HIGH, this::lookAtEngine)) {
                      lookAtEngineLater();
                    }
                  });
    }
  }

  private void lookAtEngine() {
    try {
      flow.observe(options.engine().statistics());
    } finally {
      lookAtEngineLater();
    }
  }

  /** This store leads a region no more: those who wait for locks in it are answered. */
  public void onRegionLost(long regionId) {
    lockManager.cancelRegion(regionId, RegionErrors.notLeader(regionId, null));
  }

  /** Changes the scheduler's limits that can change online. */
  public void setWriteLimits(long pendingWriteThreshold, long memoryQuota) {
    scheduler.setLimits(pendingWriteThreshold, memoryQuota);
  }

  /** Changes how requests wait for locks. */
  public void setLockTimes(StorageOptions.Locks changed) {
    lockManager.setTimes(changed.waitTimeout(), changed.wakeUpDelay());
    detector.setTtl(changed.waitTimeout());
  }

  @Override
  public void close() {
    closed = true;
    nextSync.cancel();
    nextLook.cancel();
    GcWorker collecting = gc;
    if (collecting != null) {
      collecting.close();
    }
    TtlChecker checking = ttl;
    if (checking != null) {
      checking.close();
    }
    schedulerPool.close();
    readPool.close();
    gcWorker.close();
  }
}
