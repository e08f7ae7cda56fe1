package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import java.util.Map;
import java.util.Set;

/** Moves leaders away from named stores and keeps them away. */
public final class EvictLeaderScheduler implements Scheduler {
  static final String NAME = "evict-leader-scheduler";

  private final Set<Long> stores;

  EvictLeaderScheduler(Set<Long> stores) {
    this.stores = Set.copyOf(stores);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, Object> settings() {
    return StoreSet.toJson(stores);
  }

  @Override
  public boolean shuns(StoreInfo store) {
    return stores.contains(store.id());
  }

  @Override
  public Proposal propose(Planning planning) {
    return LeaderEviction.propose(planning, "evict-leader", this::shuns);
  }
}
