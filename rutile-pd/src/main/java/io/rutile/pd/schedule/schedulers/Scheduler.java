package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import java.util.Map;

/** Looks at the whole cluster and proposes what evens it out. Settings never change. */
public interface Scheduler {
  /** PD's name, for example {@code balance-leader-scheduler}. */
  String name();

  Proposal propose(Planning planning);

  /** What an administrator set, in PD's JSON; empty when there is nothing to set. */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /** Whether, as long as this scheduler exists, nobody may bring leaders to the store. */
  default boolean shuns(StoreInfo store) {
    return false;
  }

  /** Whether, as long as this scheduler exists, nobody may take leaders from the store. */
  default boolean keeps(StoreInfo store) {
    return false;
  }
}
