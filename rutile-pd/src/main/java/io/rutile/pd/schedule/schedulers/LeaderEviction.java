package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.LongTree;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Moves leaders away from stores, some of each in a round. Stateless. */
final class LeaderEviction {
  private static final int BATCH = 3;

  private LeaderEviction() {}

  static Proposal propose(Planning planning, String description, Predicate<StoreInfo> from) {
    List<Operator> operators = new ArrayList<>();
    for (StoreInfo store : planning.image().liveStores()) {
      if (from.test(store)) {
        evict(planning, description, store, operators);
      }
    }
    return operators.isEmpty()
        ? Proposal.nothing("no store has to give up a leader that another one could take")
        : Proposal.each(operators);
  }

  private static void evict(
      Planning planning, String description, StoreInfo store, List<Operator> into) {
    LongTree<Boolean> leaders = planning.image().regions().onStore(store.id()).leaders();
    for (int i = 0; i < Math.min(BATCH, leaders.size()); i++) {
      long id = leaders.keyAt(planning.random().nextInt(leaders.size()));
      RegionInfo region = planning.image().regions().region(id);
      if (region == null || planning.operators().operator(region.id()) != null) {
        continue;
      }
      Operator operator = moveAway(planning, description, store, region);
      if (operator != null && into.stream().noneMatch(other -> other.regionId() == id)) {
        into.add(operator);
      }
    }
  }

  private static @Nullable Operator moveAway(
      Planning planning, String description, StoreInfo store, RegionInfo region) {
    Safeguard safeguard = Safeguard.of(planning, region);
    for (Peer peer : region.voters()) {
      StoreInfo target = planning.image().store(peer.getStoreId());
      if (target != null
          && target.id() != store.id()
          && !region.isPending(peer.getId())
          && !region.isDown(peer.getId())
          && StoreFilters.leaderTarget(planning, target) == null
          && safeguard.admitsLeader(target.id())) {
        return planning.plan(description, OperatorKind.ADMIN, region).leader(target.id()).build();
      }
    }
    return null;
  }
}
