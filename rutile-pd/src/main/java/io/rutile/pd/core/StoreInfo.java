package io.rutile.pd.core;

import io.rutile.proto.metapb.NodeState;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.pdpb.StoreStats;

/**
 * One store: what it registered and last reported. Immutable.
 *
 * @param heardNanos monotonic time of the last heartbeat; for a store not heard since this process
 *     started, the time that corresponds to the heartbeat its metadata tells
 * @param persistedNanos monotonic time at which the metadata was last made durable
 * @param settings what an administrator set
 */
public record StoreInfo(
    Store meta, StoreStats stats, long heardNanos, long persistedNanos, StoreSettings settings) {
  /** Silence after which a store counts as disconnected. */
  public static final long DISCONNECT_NANOS = 20_000_000_000L;

  /** Silence after which a store counts as unhealthy. */
  public static final long UNHEALTHY_NANOS = 600_000_000_000L;

  /** Score from which a store counts as slow. */
  public static final long SLOW_SCORE = 80;

  public static StoreInfo of(Store meta, long heardNanos, long nowNanos) {
    return new StoreInfo(
        meta, StoreStats.getDefaultInstance(), heardNanos, nowNanos, StoreSettings.DEFAULT);
  }

  public long id() {
    return meta.getId();
  }

  public boolean isUp() {
    return meta.getState() == StoreState.Up;
  }

  /** Whether the store is on its way out: its peers are being moved away. */
  public boolean isRemoving() {
    return meta.getState() == StoreState.Offline;
  }

  public boolean isRemoved() {
    return meta.getState() == StoreState.Tombstone;
  }

  public boolean isPreparing() {
    return isUp() && meta.getNodeState() == NodeState.Preparing;
  }

  public long silentNanos(long nowNanos) {
    return Math.max(0, nowNanos - heardNanos);
  }

  public boolean isDisconnected(long nowNanos) {
    return silentNanos(nowNanos) > DISCONNECT_NANOS;
  }

  public boolean isUnhealthy(long nowNanos) {
    return silentNanos(nowNanos) > UNHEALTHY_NANOS;
  }

  public boolean isSlow() {
    return stats.getSlowScore() >= SLOW_SCORE;
  }

  /** The state that operators see: Up, Disconnected, Down, Offline or Tombstone. */
  public String stateName(long nowNanos, long maxDownNanos) {
    if (isUp()) {
      long silent = silentNanos(nowNanos);
      return silent > maxDownNanos
          ? "Down"
          : silent > DISCONNECT_NANOS ? "Disconnected" : StoreState.Up.name();
    }
    return meta.getState().name();
  }

  /** The label's value, empty when the store does not have it. */
  public String label(String key) {
    for (StoreLabel label : meta.getLabelsList()) {
      if (label.getKey().equalsIgnoreCase(key)) {
        return label.getValue();
      }
    }
    return "";
  }

  /** Whether this is a columnar store, which holds learners only. */
  public boolean isTiFlash() {
    return label("engine").startsWith("tiflash");
  }

  public double availableRatio() {
    return stats.getCapacity() == 0
        ? 0
        : (double) stats.getAvailable() / (double) stats.getCapacity();
  }

  /** Whether so little space is left that nothing more should come. */
  public boolean isLowSpace(double lowSpaceRatio) {
    return stats.getCapacity() > 0 && availableRatio() < 1 - lowSpaceRatio;
  }

  public StoreInfo withMeta(Store changed) {
    return new StoreInfo(changed, stats, heardNanos, persistedNanos, settings);
  }

  public StoreInfo withHeartbeat(StoreStats reported, long wallNanos, long nowNanos) {
    return new StoreInfo(
        meta.toBuilder().setLastHeartbeat(wallNanos).build(),
        reported,
        nowNanos,
        persistedNanos,
        settings);
  }

  public StoreInfo withPersisted(long nanos) {
    return new StoreInfo(meta, stats, heardNanos, nanos, settings);
  }

  public StoreInfo withSettings(StoreSettings changed) {
    return new StoreInfo(meta, stats, heardNanos, persistedNanos, changed);
  }
}
