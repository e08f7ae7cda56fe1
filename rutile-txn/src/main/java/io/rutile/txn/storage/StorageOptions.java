package io.rutile.txn.storage;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.KvEngine;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.txn.deadlock.DeadlockTransport;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.pool.TaskPools;
import java.time.Duration;

/**
 * Everything the transaction layer of one store is given. All of it belongs to the caller, who
 * closes it after the layer.
 *
 * @param deadlocks the way to the store that finds deadlocks while this one does not
 * @param engine for work on this store only that bypasses replication
 * @param pools where the work is done
 */
public record StorageOptions(
    Settings settings,
    RegionGate gate,
    KvEngine engine,
    TimestampOracle oracle,
    DeadlockTransport deadlocks,
    Clock clock,
    Timers timers,
    TaskPools pools,
    MetricRegistry metrics) {

  /** Options of a store with threads of its own that finds no deadlocks with other stores. */
  public StorageOptions(
      Settings settings,
      RegionGate gate,
      KvEngine engine,
      TimestampOracle oracle,
      Clock clock,
      Timers timers,
      MetricRegistry metrics) {
    this(
        settings,
        gate,
        engine,
        oracle,
        DeadlockTransport.NONE,
        clock,
        timers,
        TaskPools.threads(clock),
        metrics);
  }

  /**
   * Settings, named here by their configuration items.
   *
   * @param apiVersion storage.api-version and storage.enable-ttl
   * @param maxKeySize storage.max-key-size, bytes of the encoded key
   */
  public record Settings(
      APIVersion apiVersion, int maxKeySize, Reads reads, Writes writes, Locks locks, MaxTs maxTs) {
    public static Settings defaults(APIVersion apiVersion, int cores) {
      return new Settings(
          apiVersion,
          8192,
          Reads.defaults(cores),
          Writes.defaults(cores),
          Locks.defaults(),
          MaxTs.defaults());
    }
  }

  /**
   * The read pool.
   *
   * @param threads readpool.unified.max-thread-count
   * @param maxTasksPerThread readpool.unified.max-tasks-per-worker
   */
  public record Reads(int threads, int maxTasksPerThread) {
    public static Reads defaults(int cores) {
      return new Reads(Math.max(4, cores * 4 / 5), 2000);
    }
  }

  /**
   * The scheduler.
   *
   * @param threads storage.scheduler-worker-pool-size
   * @param latchSlots storage.scheduler-concurrency
   * @param pendingWriteThreshold storage.scheduler-pending-write-threshold, bytes
   * @param memoryQuota storage.memory-quota, bytes
   * @param txnStatusCapacity transactions whose outcome is remembered, 16 bytes each
   */
  public record Writes(
      int threads,
      int latchSlots,
      long pendingWriteThreshold,
      long memoryQuota,
      int txnStatusCapacity) {
    public static Writes defaults(int cores) {
      int threads = cores >= 16 ? 8 : Math.clamp(cores / 2, 1, 4);
      return new Writes(threads, 524_288, 100L << 20, 256L << 20, 1 << 18);
    }
  }

  /**
   * Waiting for pessimistic locks.
   *
   * @param waitTimeout pessimistic-txn.wait-for-lock-timeout
   * @param wakeUpDelay pessimistic-txn.wake-up-delay-duration
   */
  public record Locks(Duration waitTimeout, Duration wakeUpDelay) {
    public static Locks defaults() {
      return new Locks(Duration.ofSeconds(1), Duration.ofMillis(20));
    }
  }

  /**
   * The limit of max_ts.
   *
   * @param maxDrift storage.max-ts.max-drift
   * @param syncInterval storage.max-ts.cache-sync-interval
   */
  public record MaxTs(Duration maxDrift, Duration syncInterval) {
    public static MaxTs defaults() {
      return new MaxTs(Duration.ofSeconds(60), Duration.ofSeconds(15));
    }
  }
}
