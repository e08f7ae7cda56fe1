package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.LongTree;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moves leaders away from stores that must not lead: named ones, slow ones, stopping ones. */
public final class EvictLeaderScheduler implements Scheduler {
  private static final int BATCH = 3;

  @Override
  public String name() {
    return "evict-leader-scheduler";
  }

  @Override
  public Proposal propose(Planning planning) {
    List<Operator> operators = new ArrayList<>();
    for (StoreInfo store : planning.image().liveStores()) {
      boolean evicted =
          planning.evicted().contains(store.id())
              || store.slowEvicted()
              || store.stats().getIsStopping();
      if (evicted) {
        evict(planning, store, operators);
      }
    }
    return operators.isEmpty()
        ? Proposal.nothing("no store has to give up leaders")
        : Proposal.of(operators);
  }

  private static void evict(Planning planning, StoreInfo store, List<Operator> into) {
    LongTree<Boolean> leaders = planning.image().regions().onStore(store.id()).leaders();
    for (int i = 0; i < Math.min(BATCH, leaders.size()); i++) {
      RegionInfo region = planning.image().regions().region(leaders.keyAt(i));
      if (region == null || planning.operators().operator(region.id()) != null) {
        continue;
      }
      Operator operator = moveAway(planning, store, region);
      if (operator != null) {
        into.add(operator);
      }
    }
  }

  private static @Nullable Operator moveAway(
      Planning planning, StoreInfo store, RegionInfo region) {
    for (Peer peer : region.voters()) {
      StoreInfo target = planning.image().store(peer.getStoreId());
      if (target != null
          && target.id() != store.id()
          && !region.isPending(peer.getId())
          && StoreFilters.leaderTarget(planning, target) == null) {
        return planning
            .plan("evict-leader", OperatorKind.ADMIN, region)
            .leader(target.id())
            .build();
      }
    }
    return null;
  }
}
