package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;

/** Moves peers at random, to test what depends on them. */
public final class ShuffleRegionScheduler implements Scheduler {
  static final String NAME = "shuffle-region-scheduler";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(Planning planning) {
    if (!planning.operators().isAllowed(OperatorKind.REGION, planning.schedule())) {
      return Proposal.nothing("region-schedule-limit is reached");
    }
    RegionInfo region = RandomRegion.pick(planning);
    if (region == null || !Safeguard.of(planning, region).isReplicated()) {
      return Proposal.nothing("no region at hand");
    }
    Peer peer = region.peers().get(planning.random().nextInt(region.peers().size()));
    Safeguard safeguard = Safeguard.of(planning, region);
    List<Long> targets = new ArrayList<>();
    for (StoreInfo store : planning.image().liveStores()) {
      if (StoreFilters.peerTarget(planning, store) == null
          && safeguard.admits(peer.getStoreId(), store)) {
        targets.add(store.id());
      }
    }
    if (targets.isEmpty()) {
      return Proposal.nothing("no other store can take the peer drawn");
    }
    long target = targets.get(planning.random().nextInt(targets.size()));
    OperatorBuilder builder =
        planning
            .plan("shuffle-region", OperatorKind.REGION, region)
            .mayLead(safeguard::admitsLeader)
            .remove(peer.getStoreId());
    Operator operator =
        (RegionInfo.isLearner(peer) ? builder.addLearner(target) : builder.addVoter(target))
            .build();
    return operator == null ? Proposal.nothing("no peer id is at hand") : Proposal.of(operator);
  }
}
