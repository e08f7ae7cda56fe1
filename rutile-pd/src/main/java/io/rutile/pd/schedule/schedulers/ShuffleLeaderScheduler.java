package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;

/** Moves leaders at random, to test what depends on them. */
public final class ShuffleLeaderScheduler implements Scheduler {
  static final String NAME = "shuffle-leader-scheduler";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(Planning planning) {
    if (!planning.operators().isAllowed(OperatorKind.LEADER, planning.schedule())) {
      return Proposal.nothing("leader-schedule-limit is reached");
    }
    RegionInfo region = RandomRegion.pick(planning);
    if (region == null) {
      return Proposal.nothing("no region at hand");
    }
    Safeguard safeguard = Safeguard.of(planning, region);
    List<Long> targets = new ArrayList<>();
    for (Peer peer : region.voters()) {
      StoreInfo store = planning.image().store(peer.getStoreId());
      if (store != null
          && store.id() != region.leaderStoreId()
          && StoreFilters.leaderTarget(planning, store) == null
          && safeguard.admitsLeader(store.id())) {
        targets.add(store.id());
      }
    }
    if (targets.isEmpty()) {
      return Proposal.nothing("nobody else can lead the region drawn");
    }
    long target = targets.get(planning.random().nextInt(targets.size()));
    Operator operator =
        planning.plan("shuffle-leader", OperatorKind.LEADER, region).leader(target).build();
    return operator == null ? Proposal.nothing("nothing to do") : Proposal.of(operator);
  }
}
