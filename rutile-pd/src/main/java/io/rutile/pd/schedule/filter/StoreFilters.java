package io.rutile.pd.schedule.filter;

import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import org.jspecify.annotations.Nullable;

/** Why a store is out of the question, or null when it is not. Stateless. */
public final class StoreFilters {
  private StoreFilters() {}

  /** For a new peer. */
  public static @Nullable String peerTarget(Planning planning, StoreInfo store) {
    ScheduleConfig config = planning.schedule();
    long now = planning.image().nowNanos();
    if (!store.isUp()) {
      return "store is not up";
    }
    if (store.isTiFlash() && !planning.byRules()) {
      return "store takes learners of rules only";
    }
    if (store.isDisconnected(now)) {
      return "store is disconnected";
    }
    if (store.stats().getIsBusy()) {
      return "store is busy";
    }
    if (store.isSlow()) {
      return "store is slow";
    }
    if (store.isLowSpace(config.lowSpaceRatio())) {
      return "store is low on space";
    }
    int pending = planning.image().regions().onStore(store.id()).pending().size();
    if (config.maxPendingPeerCount() > 0 && pending > config.maxPendingPeerCount()) {
      return "store has too many pending peers";
    }
    long snapshots =
        Math.max(
            store.stats().getSendingSnapCount(),
            Math.max(store.stats().getReceivingSnapCount(), store.stats().getApplyingSnapCount()));
    if (snapshots > config.maxSnapshotCount()) {
      return "store has too many snapshots";
    }
    return planning.operators().hasStoreLimit(store, true, now)
        ? null
        : "store limit for adding peers is used up";
  }

  /** For losing a peer to balance. */
  public static @Nullable String peerSource(Planning planning, StoreInfo store) {
    if (!store.isUp()) {
      return "store is not up";
    }
    if (store.stats().getIsBusy()) {
      return "store is busy";
    }
    return planning.operators().hasStoreLimit(store, false, planning.image().nowNanos())
        ? null
        : "store limit for removing peers is used up";
  }

  /** For becoming leader. */
  public static @Nullable String leaderTarget(Planning planning, StoreInfo store) {
    if (!store.isUp()) {
      return "store is not up";
    }
    if (store.isTiFlash()) {
      return "store never leads";
    }
    if (store.isDisconnected(planning.image().nowNanos())) {
      return "store is disconnected";
    }
    if (store.stats().getIsBusy()) {
      return "store is busy";
    }
    if (store.isSlow()) {
      return "store is slow";
    }
    if (planning.shunned().contains(store.id())) {
      return "leaders are kept away from the store";
    }
    return null;
  }

  /** For giving a leader away to balance. */
  public static @Nullable String leaderSource(Planning planning, StoreInfo store) {
    if (!store.isUp()) {
      return "store is not up";
    }
    if (store.isDisconnected(planning.image().nowNanos())) {
      return "store is disconnected";
    }
    return planning.keeping().contains(store.id()) ? "leaders are kept on the store" : null;
  }
}
