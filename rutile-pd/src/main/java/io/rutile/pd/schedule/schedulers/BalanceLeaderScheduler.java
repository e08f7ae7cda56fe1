package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.LongTree;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Influence;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evens out leaders: from the store with most to the follower's store with fewest. */
public final class BalanceLeaderScheduler implements Scheduler {
  static final String NAME = "balance-leader-scheduler";

  private static final int TRIES = 10;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(Planning planning) {
    if (!planning.operators().isAllowed(OperatorKind.LEADER, planning.schedule())) {
      return Proposal.nothing("leader-schedule-limit is reached");
    }
    ClusterImage image = planning.image();
    Influence influence = planning.operators().influence(image);
    List<StoreInfo> sources = new ArrayList<>(image.liveStores());
    sources.removeIf(store -> StoreFilters.leaderSource(planning, store) != null);
    sources.sort(
        Comparator.comparingDouble(
                (StoreInfo store) -> Balance.leaderScore(image, store, influence))
            .reversed());
    for (StoreInfo source : sources) {
      for (int i = 0; i < TRIES; i++) {
        Operator operator = transferOut(planning, influence, source);
        if (operator != null) {
          return Proposal.of(operator);
        }
      }
    }
    return Proposal.nothing("leaders are balanced");
  }

  private static @Nullable Operator transferOut(
      Planning planning, Influence influence, StoreInfo source) {
    ClusterImage image = planning.image();
    LongTree<Boolean> leaders = image.regions().onStore(source.id()).leaders();
    if (leaders.size() == 0) {
      return null;
    }
    RegionInfo region =
        image.regions().region(leaders.keyAt(planning.random().nextInt(leaders.size())));
    if (region == null
        || planning.operators().operator(region.id()) != null
        || planning.labels().denies(region, RegionLabels.SCHEDULE)) {
      return null;
    }
    Safeguard safeguard = Safeguard.of(planning, region);
    StoreInfo best = null;
    for (Peer peer : region.voters()) {
      StoreInfo store = image.store(peer.getStoreId());
      if (store == null
          || store.id() == source.id()
          || region.isPending(peer.getId())
          || region.isDown(peer.getId())
          || StoreFilters.leaderTarget(planning, store) != null
          || !safeguard.admitsLeader(store.id())) {
        continue;
      }
      if (best == null
          || Balance.leaderScore(image, store, influence)
              < Balance.leaderScore(image, best, influence)) {
        best = store;
      }
    }
    if (best == null || !Balance.movesLeader(planning, influence, source, best)) {
      return null;
    }
    return planning.plan("balance-leader", OperatorKind.LEADER, region).leader(best.id()).build();
  }
}
