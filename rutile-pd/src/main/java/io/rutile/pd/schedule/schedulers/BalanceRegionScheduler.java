package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.LongTree;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreRegions;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Locations;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Influence;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Evens out data: moves a peer from the fullest store to the emptiest one that keeps the region's
 * peers as far apart as they are.
 */
public final class BalanceRegionScheduler implements Scheduler {
  private static final int TRIES = 10;

  @Override
  public String name() {
    return "balance-region-scheduler";
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
        && region.voters().size() >= planning.image().config().replication().maxReplicas();
  }

  private static @Nullable Operator move(
      Planning planning,
      Influence influence,
      List<StoreInfo> emptiestFirst,
      StoreInfo source,
      RegionInfo region) {
    ClusterImage image = planning.image();
    List<String> labels = Locations.labels(image.config().replication());
    String isolation = image.config().replication().isolationLevel();
    List<StoreInfo> others = Locations.storesOf(image, region, source.id());
    double distance = Locations.distinctScore(labels, others, source);
    for (StoreInfo target : emptiestFirst) {
      boolean possible =
          region.peerOnStore(target.id()) == null
              && StoreFilters.peerTarget(planning, target) == null
              && Locations.distinctScore(labels, others, target) >= distance
              && Locations.isIsolated(isolation, others, target);
      if (!possible) {
        continue;
      }
      if (!Balance.movesRegion(planning, influence, source, target, region)) {
        return null;
      }
      return planning
          .plan("balance-region", OperatorKind.REGION, region)
          .addVoter(target.id())
          .remove(source.id())
          .build();
    }
    return null;
  }
}
