package io.rutile.verify.txn;

import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.txn.deadlock.DeadlockTransport;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.storage.StorageOptions;
import io.rutile.txn.storage.TxnStorage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One life of a store: the real transaction layer over the regions that this store leads. */
final class SimStore implements RegionGate {
  /** Few latches, so that keys share some. */
  private static final int LATCH_SLOTS = 16;

  private static final int TXN_STATUSES = 16;
  private static final Duration LOCK_WAIT = Duration.ofMillis(150);

  private final TxnSim sim;
  private final TxnStorage storage;
  private boolean alive = true;

  SimStore(TxnSim sim) {
    this.sim = sim;
    StorageOptions.Settings settings =
        new StorageOptions.Settings(
            APIVersion.V1,
            8192,
            new StorageOptions.Reads(1, 1000),
            new StorageOptions.Writes(1, LATCH_SLOTS, 100L << 20, 256L << 20, TXN_STATUSES),
            new StorageOptions.Locks(LOCK_WAIT, Duration.ofMillis(20)),
            StorageOptions.MaxTs.defaults());
    storage =
        TxnStorage.start(
            new StorageOptions(
                settings,
                this,
                sim.engine,
                count -> CompletableFuture.completedFuture(sim.oracle.next()),
                DeadlockTransport.NONE,
                sim.timers,
                sim.timers,
                (name, threads, maxTasksPerThread) -> new SimPool(sim),
                new MetricRegistry()));
  }

  TxnStorage storage() {
    return storage;
  }

  boolean isAlive() {
    return alive;
  }

  /** The process ends: nobody hears of it again, and it hears of nobody. */
  void crash() {
    alive = false;
    storage.close();
  }

  @Override
  public CompletionStage<RegionSnapshot> snapshot(RegionContext context, ReadGuard guard) {
    SimRegion region = sim.region(context.regionId());
    return region == null ? unknown(context) : region.snapshot(this);
  }

  @Override
  public CompletionStage<Applied> propose(RegionContext context, WriteBatchData data) {
    SimRegion region = sim.region(context.regionId());
    return region == null ? unknown(context) : region.propose(this, context, data);
  }

  @Override
  public @Nullable HotRows hotRows(RegionContext context) {
    SimRegion region = sim.region(context.regionId());
    return region == null ? null : region.hotRows(this, context);
  }

  private static <T extends @Nullable Object> CompletableFuture<T> unknown(RegionContext context) {
    return CompletableFuture.failedFuture(RegionErrors.regionNotFound(context.regionId()));
  }
}
