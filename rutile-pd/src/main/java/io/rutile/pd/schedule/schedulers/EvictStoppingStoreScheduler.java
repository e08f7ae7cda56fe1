package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;

/** Moves leaders away from stores that are about to stop. */
public final class EvictStoppingStoreScheduler implements Scheduler {
  static final String NAME = "evict-stopping-store-scheduler";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean shuns(StoreInfo store) {
    return store.stats().getIsStopping();
  }

  @Override
  public Proposal propose(Planning planning) {
    return LeaderEviction.propose(planning, "evict-stopping-store", this::shuns);
  }
}
