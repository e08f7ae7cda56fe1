package io.rutile.store.heartbeat;

import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreStats;
import io.rutile.proto.pdpb.TimeInterval;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.peer.StoreContext;
import io.rutile.store.read.ReadView;

/**
 * Reports the store as a whole at its own interval. Owned by: the first store loop, on whose ticks
 * it runs.
 */
public final class StoreReporter {
  private static final long MILLIS_PER_SECOND = 1_000L;

  private final StoreContext store;
  private final Runnable awaken;
  private final long startSeconds;
  private final long periodNanos;
  private long lastSeconds;
  private long nextNanos;

  /**
   * @param awaken wakes all sleeping regions, which the placement driver asks for when it knows
   *     that stores are in trouble
   */
  public StoreReporter(StoreContext store, Runnable awaken) {
    this.awaken = awaken;
    this.store = store;
    this.startSeconds = store.clock().wallMillis() / MILLIS_PER_SECOND;
    this.lastSeconds = startSeconds;
    this.periodNanos = store.config().heartbeat().store().toNanos();
    this.nextNanos = store.clock().monotonicNanos();
  }

  public void tick() {
    long now = store.clock().monotonicNanos();
    if (now - nextNanos < 0) {
      return;
    }
    nextNanos = now + periodNanos;
    report();
  }

  private void report() {
    int regions = 0;
    int leaders = 0;
    int asleep = 0;
    for (RegionHandle handle : store.directory().handles()) {
      ReadView view = handle.view();
      regions++;
      asleep += handle.hibernating() ? 1 : 0;
      leaders += view != null && view.leader() ? 1 : 0;
    }
    store.metrics().counts(regions, leaders);
    store.metrics().hibernated(regions - asleep, asleep);
    long nowSeconds = store.clock().wallMillis() / MILLIS_PER_SECOND;
    StoreStats stats =
        StoreStats.newBuilder()
            .setStoreId(store.storeId())
            .setCapacity(store.disk().capacityBytes())
            .setAvailable(store.disk().availableBytes())
            .setUsedSize(store.disk().usedBytes())
            .setRegionCount(regions)
            .setStartTime((int) startSeconds)
            .setIsBusy(false)
            .setInterval(
                TimeInterval.newBuilder()
                    .setStartTimestamp(lastSeconds)
                    .setEndTimestamp(nowSeconds))
            .build();
    lastSeconds = nowSeconds;
    store
        .pd()
        .storeHeartbeat(StoreHeartbeatRequest.newBuilder().setStats(stats).build())
        .thenAccept(response -> {
          if (response.hasAwakenRegions()) {
            awaken.run();
          }
        });
  }
}
