package io.rutile.pd.schedule.scatter;

import io.rutile.pd.core.ClusterImage;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Spreads regions of one group over the stores: each peer goes to the store that was picked least
 * for the group so far, and leadership to the store that got fewest leaders of it. Counters of a
 * group are forgotten some minutes after its last use.
 *
 * <p>Owned by: the cluster loop.
 */
public final class RegionScatterer {
  private static final long GROUP_NANOS = 180_000_000_000L;
  private static final String DESCRIPTION = "scatter-region";

  private static final class Group {
    private final Map<Long, Integer> peers = new HashMap<>();
    private final Map<Long, Integer> leaders = new HashMap<>();
    private long usedNanos;
  }

  private final Map<String, Group> groups = new HashMap<>();

  /**
   * Plans the scattering of one region; an empty proposal without a reason means that it is fine
   * where it is.
   */
  public Proposal scatter(Planning planning, RegionInfo region, String groupName) {
    if (region.leader() == null) {
      return Proposal.nothing("region " + region.id() + " has no leader");
    }
    if (!region.isHealthy() || region.inJointState()) {
      return Proposal.nothing("region " + region.id() + " is not healthy");
    }
    long now = planning.image().nowNanos();
    groups.values().removeIf(group -> now - group.usedNanos > GROUP_NANOS);
    Group group = groups.computeIfAbsent(groupName, name -> new Group());
    group.usedNanos = now;
    OperatorBuilder builder =
        planning
            .plan(DESCRIPTION, OperatorKind.ADMIN, region)
            .mayLead(Safeguard.of(planning, region)::admitsLeader);
    Set<Long> chosen = choosePeers(planning, region, group, builder);
    long leader = chooseLeader(planning, region, group, chosen);
    if (leader != 0) {
      builder.leader(leader);
    }
    Operator operator = builder.build();
    return operator == null ? Proposal.nothing("") : Proposal.of(operator);
  }

  private static Set<Long> choosePeers(
      Planning planning, RegionInfo region, Group group, OperatorBuilder builder) {
    Set<Long> chosen = new HashSet<>();
    for (Peer peer : region.voters()) {
      long store = chooseStore(planning, region, group, peer.getStoreId(), chosen);
      chosen.add(store);
      group.peers.merge(store, 1, Integer::sum);
      if (store != peer.getStoreId()) {
        builder.addVoter(store).remove(peer.getStoreId());
      }
    }
    return chosen;
  }

  private static long chooseStore(
      Planning planning, RegionInfo region, Group group, long present, Set<Long> chosen) {
    ClusterImage image = planning.image();
    Safeguard safeguard = Safeguard.of(planning, region);
    long best = present;
    int fewest = chosen.contains(present) ? Integer.MAX_VALUE : picks(group.peers, present);
    for (StoreInfo store : image.liveStores()) {
      boolean possible =
          !chosen.contains(store.id())
              && StoreFilters.peerTarget(planning, store) == null
              && safeguard.admits(present, store);
      if (possible && picks(group.peers, store.id()) < fewest) {
        best = store.id();
        fewest = picks(group.peers, store.id());
      }
    }
    return best;
  }

  private static int picks(Map<Long, Integer> counts, @Nullable Long store) {
    return counts.getOrDefault(store, 0);
  }

  private static long chooseLeader(
      Planning planning, RegionInfo region, Group group, Set<Long> chosen) {
    long best = 0;
    int fewest = Integer.MAX_VALUE;
    for (long id : chosen) {
      StoreInfo store = planning.image().store(id);
      boolean possible = store != null && StoreFilters.leaderTarget(planning, store) == null;
      int count = picks(group.leaders, id);
      boolean stays = count == fewest && id == region.leaderStoreId();
      if (possible && (count < fewest || stays)) {
        best = id;
        fewest = count;
      }
    }
    if (best != 0) {
      group.leaders.merge(best, 1, Integer::sum);
    }
    return best;
  }
}
