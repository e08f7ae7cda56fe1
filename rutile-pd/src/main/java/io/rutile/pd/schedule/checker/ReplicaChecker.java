package io.rutile.pd.schedule.checker;

import io.rutile.pd.config.ReplicationConfig;
import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Locations;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.pdpb.PeerStats;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings a region to {@code max-replicas} voters on healthy stores, as far apart as the location
 * labels allow. The most urgent need is met first: dead peers, peers on stores that leave, too few,
 * too many, badly placed. A region that has fewer peers than wanted because there are fewer stores
 * is left as it is.
 */
public final class ReplicaChecker {
  private ReplicaChecker() {}

  public static Proposal check(Planning planning, RegionInfo region) {
    ScheduleConfig config = planning.schedule();
    if (region.leader() == null) {
      return Proposal.nothing("region has no leader");
    }
    Proposal proposal = Proposal.nothing("");
    if (config.enableRemoveDownReplica()) {
      proposal = checkDown(planning, region);
    }
    if (proposal.isEmpty() && config.enableReplaceOfflineReplica()) {
      proposal = checkOffline(planning, region);
    }
    if (proposal.isEmpty() && config.enableMakeUpReplica()) {
      proposal = checkMissing(planning, region);
    }
    if (proposal.isEmpty() && config.enableRemoveExtraReplica()) {
      proposal = checkExtra(planning, region);
    }
    if (proposal.isEmpty() && config.enableLocationReplacement()) {
      proposal = checkLocation(planning, region);
    }
    return proposal;
  }

  private static Proposal checkDown(Planning planning, RegionInfo region) {
    ClusterImage image = planning.image();
    long maxDown = planning.schedule().maxStoreDownTime().duration().toNanos();
    for (PeerStats down : region.downPeers()) {
      StoreInfo store = image.store(down.getPeer().getStoreId());
      boolean dead =
          store != null
              && store.silentNanos(image.nowNanos()) >= maxDown
              && down.getDownSeconds() >= maxDown / 1_000_000_000L;
      if (dead && region.peer(down.getPeer().getId()) != null) {
        return replace(planning, region, down.getPeer(), "down");
      }
    }
    return Proposal.nothing("no peer is down");
  }

  private static Proposal checkOffline(Planning planning, RegionInfo region) {
    for (Peer peer : region.peers()) {
      StoreInfo store = planning.image().store(peer.getStoreId());
      if (store != null && !store.isUp()) {
        return replace(planning, region, peer, "offline");
      }
    }
    return Proposal.nothing("no peer is on a leaving store");
  }

  private static Proposal replace(Planning planning, RegionInfo region, Peer old, String status) {
    int wanted = planning.image().config().replication().maxReplicas();
    boolean surplus = RegionInfo.isLearner(old) || region.voters().size() > wanted;
    if (surplus) {
      return of(
          planning
              .plan("remove-extra-" + status + "-replica", OperatorKind.REPLICA, region)
              .remove(old.getStoreId())
              .build(),
          "region cannot lose its peer");
    }
    Peer spare = spareLearner(planning, region);
    StoreInfo target =
        spare == null
            ? bestNewStore(planning, region, old.getStoreId())
            : planning.image().store(spare.getStoreId());
    if (target == null) {
      return Proposal.nothing("no store can take the place of store " + old.getStoreId());
    }
    return of(
        planning
            .plan("replace-" + status + "-replica", OperatorKind.REPLICA, region)
            .addVoter(target.id())
            .remove(old.getStoreId())
            .build(),
        "no peer id is at hand");
  }

  private static Proposal of(@Nullable Operator operator, String otherwise) {
    return operator == null ? Proposal.nothing(otherwise) : Proposal.of(operator);
  }

  /** The best store for one more peer, as if the peer on {@code leaving} were gone. */
  private static @Nullable StoreInfo bestNewStore(
      Planning planning, RegionInfo region, long leaving) {
    ClusterImage image = planning.image();
    ReplicationConfig replication = image.config().replication();
    List<String> labels = replication.locationLabels();
    List<StoreInfo> others = Locations.storesOf(image, region, leaving);
    StoreInfo best = null;
    for (StoreInfo store : image.liveStores()) {
      boolean free = region.peerOnStore(store.id()) == null;
      if (free
          && StoreFilters.peerTarget(planning, store) == null
          && Locations.isIsolated(replication.isolationLevel(), others, store)) {
        best = Locations.better(image, labels, others, best, store);
      }
    }
    return best;
  }

  /** A learner that an abandoned operator left behind on a healthy store; rules do not want it. */
  private static @Nullable Peer spareLearner(Planning planning, RegionInfo region) {
    for (Peer learner : region.learners()) {
      StoreInfo store = planning.image().store(learner.getStoreId());
      if (store != null
          && store.isUp()
          && !store.isTiFlash()
          && !store.isDisconnected(planning.image().nowNanos())
          && !region.isPending(learner.getId())) {
        return learner;
      }
    }
    return null;
  }

  private static Proposal checkMissing(Planning planning, RegionInfo region) {
    int wanted = planning.image().config().replication().maxReplicas();
    if (region.voters().size() >= wanted) {
      return Proposal.nothing("no peer is missing");
    }
    Peer spare = spareLearner(planning, region);
    if (spare != null) {
      return of(
          planning
              .plan("promote-learner", OperatorKind.REPLICA, region)
              .addVoter(spare.getStoreId())
              .build(),
          "learner cannot be promoted");
    }
    StoreInfo target = bestNewStore(planning, region, 0);
    if (target == null) {
      return Proposal.nothing("no store can take another peer");
    }
    return of(
        planning
            .plan("make-up-replica", OperatorKind.REPLICA, region)
            .addVoter(target.id())
            .build(),
        "no peer id is at hand");
  }

  private static Proposal checkExtra(Planning planning, RegionInfo region) {
    int wanted = planning.image().config().replication().maxReplicas();
    Peer spare = spareLearner(planning, region);
    if (region.voters().size() <= wanted && (spare == null || region.voters().size() < wanted)) {
      return Proposal.nothing("no peer is too many");
    }
    Peer worst = spare == null ? worstPeer(planning.image(), region, true) : spare;
    return worst == null
        ? Proposal.nothing("no peer can go")
        : of(
            planning
                .plan("remove-extra-replica", OperatorKind.REPLICA, region)
                .remove(worst.getStoreId())
                .build(),
            "region cannot lose its peer");
  }

  /** The voter that is nearest to the others; among equals the one on the fullest store. */
  private static @Nullable Peer worstPeer(
      ClusterImage image, RegionInfo region, boolean spareLeader) {
    List<String> labels = image.config().replication().locationLabels();
    List<Peer> candidates = new ArrayList<>(region.voters());
    candidates.removeIf(peer -> spareLeader && peer.getStoreId() == region.leaderStoreId());
    Peer worst = null;
    double worstScore = 0;
    long worstSize = 0;
    for (Peer peer : candidates) {
      StoreInfo store = image.store(peer.getStoreId());
      if (store == null) {
        return peer;
      }
      double score =
          Locations.distinctScore(labels, Locations.storesOf(image, region, store.id()), store);
      long size = image.regions().onStore(store.id()).regionSizeMib();
      if (worst == null || score < worstScore || (score == worstScore && size > worstSize)) {
        worst = peer;
        worstScore = score;
        worstSize = size;
      }
    }
    return worst;
  }

  private static Proposal checkLocation(Planning planning, RegionInfo region) {
    ClusterImage image = planning.image();
    List<String> labels = image.config().replication().locationLabels();
    if (labels.isEmpty() || !region.isHealthy()) {
      return Proposal.nothing("peers are as far apart as they can be");
    }
    Peer worst = worstPeer(image, region, false);
    if (worst == null) {
      return Proposal.nothing("region has no voter");
    }
    StoreInfo now = image.store(worst.getStoreId());
    StoreInfo target = bestNewStore(planning, region, worst.getStoreId());
    if (now == null || target == null) {
      return Proposal.nothing("no other store can take a peer");
    }
    List<StoreInfo> others = Locations.storesOf(image, region, worst.getStoreId());
    boolean better =
        Locations.distinctScore(labels, others, target)
            > Locations.distinctScore(labels, others, now);
    return better
        ? of(
            planning
                .plan("move-to-better-location", OperatorKind.REPLICA, region)
                .addVoter(target.id())
                .remove(worst.getStoreId())
                .build(),
            "no peer id is at hand")
        : Proposal.nothing("peers are as far apart as they can be");
  }
}
