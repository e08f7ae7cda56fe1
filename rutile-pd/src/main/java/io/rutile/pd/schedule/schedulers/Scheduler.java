package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;

/** Looks at the whole cluster and proposes what evens it out. */
public interface Scheduler {
  /** PD's name, for example {@code balance-leader-scheduler}. */
  String name();

  Proposal propose(Planning planning);
}
