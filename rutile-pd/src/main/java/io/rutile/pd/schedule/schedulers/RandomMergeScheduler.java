package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.RegionTree;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.checker.RegionMerge;
import io.rutile.pd.schedule.operator.OperatorKind;

/** Merges neighbours at random, to test merging. */
public final class RandomMergeScheduler implements Scheduler {
  static final String NAME = "random-merge-scheduler";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(Planning planning) {
    if (!planning.operators().isAllowed(OperatorKind.MERGE, planning.schedule())) {
      return Proposal.nothing("merge-schedule-limit is reached");
    }
    RegionInfo region = RandomRegion.pick(planning);
    if (region == null) {
      return Proposal.nothing("no region at hand");
    }
    RegionTree tree = planning.image().regions().tree();
    RegionInfo other = planning.random().nextBoolean() ? tree.before(region) : tree.after(region);
    if (other == null
        || !RegionMerge.isSound(planning, region)
        || !RegionMerge.isSound(planning, other)
        || RegionMerge.isBoundaryBetween(planning, region, other)) {
      return Proposal.nothing("the regions drawn cannot be merged");
    }
    return RegionMerge.merge(planning, "random-merge", OperatorKind.MERGE, region, other);
  }
}
