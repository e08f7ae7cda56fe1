package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves leaders away from a store that says it is slow, until it says that it is well again. Only
 * one store at a time: when several are slow, the cause is elsewhere, and moving leaders from one
 * to the other would help nobody.
 *
 * <p>Owned by: the cluster loop.
 */
public final class EvictSlowStoreScheduler implements Scheduler {
  static final String NAME = "evict-slow-store-scheduler";

  private static final long SLOW_FROM = 100;
  private static final long WELL_UP_TO = 1;

  private long evicted;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean shuns(StoreInfo store) {
    return store.id() == evicted;
  }

  @Override
  public Proposal propose(Planning planning) {
    if (evicted != 0) {
      StoreInfo store = planning.image().store(evicted);
      if (store == null || !store.isUp() || store.stats().getSlowScore() <= WELL_UP_TO) {
        evicted = 0;
        return Proposal.nothing("the slow store has recovered or is gone");
      }
      return LeaderEviction.propose(planning, "evict-slow-store", this::shuns);
    }
    List<Long> slow = new ArrayList<>();
    for (StoreInfo store : planning.image().liveStores()) {
      if (store.isUp() && store.stats().getSlowScore() >= SLOW_FROM) {
        slow.add(store.id());
      }
    }
    if (slow.size() != 1) {
      return Proposal.nothing(
          slow.isEmpty() ? "no store is slow" : "several stores are slow: the cause is elsewhere");
    }
    evicted = slow.getFirst();
    return LeaderEviction.propose(planning, "evict-slow-store", this::shuns);
  }
}
