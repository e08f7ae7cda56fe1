package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.LongTree;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreRegions;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Influence;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Evens out data: moves a peer from the fullest store to the emptiest one that keeps the region's
 * peers as far apart as they are.
 */
public final class BalanceRegionScheduler implements Scheduler {
  static final String NAME = "balance-region-scheduler";

  private static final int TRIES = 10;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(Planning planning) {
    if (!planning.operators().isAllowed(OperatorKind.REGION, planning.schedule())) {
      return Proposal.nothing("region-schedule-limit is reached");
    }
    ClusterImage image = planning.image();
    Influence influence = planning.operators().influence(image);
    List<StoreInfo> stores = new ArrayList<>(image.liveStores());
    stores.sort(Comparator.comparingDouble(store -> Balance.regionScore(image, store, influence)));
    for (StoreInfo source : stores.reversed()) {
      if (StoreFilters.peerSource(planning, source) != null) {
        continue;
      }
      for (int i = 0; i < TRIES; i++) {
        RegionInfo region = pick(planning, source);
        Operator operator =
            region == null ? null : move(planning, influence, stores, source, region);
        if (operator != null) {
          return Proposal.of(operator);
        }
      }
    }
    return Proposal.nothing("regions are balanced");
  }

  /** A region on the store at random: one whose peer lags first, one it leads only before last. */
  private static @Nullable RegionInfo pick(Planning planning, StoreInfo source) {
    StoreRegions held = planning.image().regions().onStore(source.id());
    for (LongTree<Boolean> set :
        List.of(held.pending(), held.followers(), held.leaders(), held.learners())) {
      if (set.size() == 0) {
        continue;
      }
      long id = set.keyAt(planning.random().nextInt(set.size()));
      RegionInfo region = planning.image().regions().region(id);
      if (region != null && isMovable(planning, region)) {
        return region;
      }
    }
    return null;
  }

  private static boolean isMovable(Planning planning, RegionInfo region) {
    return region.leader() != null
        && region.downPeers().isEmpty()
        && !region.inJointState()
        && planning.operators().operator(region.id()) == null
        && !planning.labels().denies(region, RegionLabels.SCHEDULE)
        && !planning.isHot(region)
        && Safeguard.of(planning, region).isReplicated();
  }

  private static @Nullable Operator move(
      Planning planning,
      Influence influence,
      List<StoreInfo> emptiestFirst,
      StoreInfo source,
      RegionInfo region) {
    Safeguard safeguard = Safeguard.of(planning, region);
    Peer peer = region.peerOnStore(source.id());
    for (StoreInfo target : emptiestFirst) {
      boolean possible =
          StoreFilters.peerTarget(planning, target) == null
              && safeguard.admits(source.id(), target);
      if (!possible || peer == null) {
        continue;
      }
      if (!Balance.movesRegion(planning, influence, source, target, region)) {
        return null;
      }
      OperatorBuilder builder = planning.plan("balance-region", OperatorKind.REGION, region);
      return (RegionInfo.isLearner(peer)
              ? builder.addLearner(target.id())
              : builder.addVoter(target.id()))
          .mayLead(safeguard::admitsLeader)
          .remove(source.id())
          .build();
    }
    return null;
  }
}
