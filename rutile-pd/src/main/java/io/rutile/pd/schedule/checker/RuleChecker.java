package io.rutile.pd.schedule.checker;

import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Locations;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.placement.PlacementRule;
import io.rutile.pd.schedule.placement.RegionFit;
import io.rutile.pd.schedule.placement.RuleFit;
import io.rutile.pd.schedule.placement.RuleRole;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.pdpb.PeerStats;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings a region to what its placement rules ask for. Rule by rule: peers that are missing, peers
 * that are dead or on stores that leave, peers with the wrong role, peers that could be farther
 * apart. Peers that no rule wants go last, when every rule is served by peers that work; until then
 * they may be the only good copies. Stateless.
 */
public final class RuleChecker {
  private final Planning planning;
  private final RegionInfo region;
  private final RegionFit fit;

  private RuleChecker(Planning planning, RegionInfo region) {
    this.planning = planning;
    this.region = region;
    this.fit = planning.fit(region);
  }

  public static Proposal check(Planning planning, RegionInfo region) {
    if (region.leader() == null) {
      return Proposal.nothing("region has no leader");
    }
    RuleChecker checker = new RuleChecker(planning, region);
    if (checker.fit.ruleFits().isEmpty()) {
      return Proposal.nothing("region reaches over a boundary of rules");
    }
    Proposal proposal = checker.checkOrphans();
    for (RuleFit ruleFit : checker.fit.ruleFits()) {
      if (!proposal.isEmpty()) {
        break;
      }
      proposal = checker.checkRule(ruleFit);
    }
    return proposal;
  }

  private Proposal checkRule(RuleFit ruleFit) {
    ScheduleConfig config = planning.schedule();
    if (ruleFit.peers().size() < ruleFit.rule().count()) {
      return config.enableMakeUpReplica()
          ? addPeer(ruleFit)
          : Proposal.nothing("enable-make-up-replica is off");
    }
    for (Peer peer : ruleFit.peers()) {
      if (config.enableRemoveDownReplica() && isDead(peer)) {
        return replace(ruleFit, peer, "down");
      }
      if (config.enableReplaceOfflineReplica() && isLeaving(peer)) {
        return replace(ruleFit, peer, "offline");
      }
    }
    for (Peer peer : ruleFit.misfits()) {
      Proposal proposal = fixRole(ruleFit.rule(), peer);
      if (!proposal.isEmpty()) {
        return proposal;
      }
    }
    return config.enableLocationReplacement()
        ? improveLocation(ruleFit)
        : Proposal.nothing("enable-location-replacement is off");
  }

  private boolean isDead(Peer peer) {
    StoreInfo store = planning.image().store(peer.getStoreId());
    long maxDown = planning.schedule().maxStoreDownTime().duration().toNanos();
    if (store == null || store.silentNanos(planning.image().nowNanos()) < maxDown) {
      return false;
    }
    for (PeerStats down : region.downPeers()) {
      if (down.getPeer().getId() == peer.getId()) {
        return down.getDownSeconds() >= maxDown / 1_000_000_000L;
      }
    }
    return false;
  }

  private boolean isLeaving(Peer peer) {
    StoreInfo store = planning.image().store(peer.getStoreId());
    return store != null && !store.isUp();
  }

  private static Proposal of(@Nullable Operator operator, String otherwise) {
    return operator == null ? Proposal.nothing(otherwise) : Proposal.of(operator);
  }

  private OperatorBuilder plan(String description) {
    return planning
        .plan(description, OperatorKind.REPLICA, region)
        .mayLead(store -> mayLead(store) && isLeaderTarget(store));
  }

  private static OperatorBuilder put(OperatorBuilder builder, RuleRole role, long store) {
    return role == RuleRole.LEARNER ? builder.addLearner(store) : builder.addVoter(store);
  }

  /** Whether some rule wants a leader, or a voter that may lead, on that store. */
  private boolean mayLead(long storeId) {
    StoreInfo store = planning.image().store(storeId);
    if (store == null) {
      return false;
    }
    for (RuleFit ruleFit : fit.ruleFits()) {
      RuleRole role = ruleFit.rule().role();
      if ((role == RuleRole.LEADER || role == RuleRole.VOTER) && ruleFit.rule().admits(store)) {
        return true;
      }
    }
    return false;
  }

  private boolean isLeaderTarget(long storeId) {
    StoreInfo store = planning.image().store(storeId);
    return store != null && StoreFilters.leaderTarget(planning, store) == null;
  }

  private Proposal addPeer(RuleFit ruleFit) {
    StoreInfo target = bestStore(ruleFit, 0);
    if (target == null) {
      return Proposal.nothing("no store can take a peer of " + ruleFit.rule());
    }
    return of(
        put(plan("add-rule-peer"), ruleFit.rule().role(), target.id()).build(),
        "no peer id is at hand");
  }

  /** The best store for one more peer of the rule, as if the one on {@code leaving} were gone. */
  private @Nullable StoreInfo bestStore(RuleFit ruleFit, long leaving) {
    PlacementRule rule = ruleFit.rule();
    List<StoreInfo> others = storesOf(ruleFit, leaving);
    StoreInfo best = null;
    for (StoreInfo store : planning.image().liveStores()) {
      boolean possible =
          region.peerOnStore(store.id()) == null
              && rule.admits(store)
              && StoreFilters.peerTarget(planning, store) == null
              && Locations.isIsolated(rule.isolationLevel(), others, store);
      if (possible) {
        best = Locations.better(planning.image(), rule.locationLabels(), others, best, store);
      }
    }
    return best;
  }

  private List<StoreInfo> storesOf(RuleFit ruleFit, long except) {
    List<StoreInfo> stores = new ArrayList<>();
    for (Peer peer : ruleFit.peers()) {
      StoreInfo store = planning.image().store(peer.getStoreId());
      if (store != null && store.id() != except) {
        stores.add(store);
      }
    }
    return stores;
  }

  private Proposal replace(RuleFit ruleFit, Peer old, String status) {
    PlacementRule rule = ruleFit.rule();
    Peer spare = spareOrphan(rule);
    if (spare != null) {
      return of(
          put(plan("replace-" + status + "-peer-with-orphan-peer"), rule.role(), spare.getStoreId())
              .remove(old.getStoreId())
              .build(),
          "orphan cannot take the place of store " + old.getStoreId());
    }
    StoreInfo target = bestStore(ruleFit, old.getStoreId());
    if (target == null) {
      return Proposal.nothing(
          "no store can take the place of store %d for %s".formatted(old.getStoreId(), rule));
    }
    return of(
        put(plan("replace-rule-" + status + "-peer"), rule.role(), target.id())
            .remove(old.getStoreId())
            .build(),
        "no peer id is at hand, or nobody can lead");
  }

  /** A peer that no rule wants, that works and could serve this one. */
  private @Nullable Peer spareOrphan(PlacementRule rule) {
    for (Peer peer : fit.orphans()) {
      StoreInfo store = planning.image().store(peer.getStoreId());
      boolean reachable = RegionInfo.isLearner(peer) || rule.role() != RuleRole.LEARNER;
      if (store != null && reachable && isWell(peer, store) && rule.admits(store)) {
        return peer;
      }
    }
    return null;
  }

  private boolean isWell(Peer peer, StoreInfo store) {
    return store.isUp()
        && !store.isDisconnected(planning.image().nowNanos())
        && !region.isPending(peer.getId())
        && !region.isDown(peer.getId());
  }

  private Proposal fixRole(PlacementRule rule, Peer peer) {
    long store = peer.getStoreId();
    if (RegionInfo.isLearner(peer)) {
      return of(plan("fix-peer-role").addVoter(store).build(), "learner cannot be promoted");
    }
    if (rule.role() == RuleRole.LEADER && store != region.leaderStoreId()) {
      return !region.isPending(peer.getId()) && isLeaderTarget(store)
          ? of(plan("fix-leader-role").leader(store).build(), "leader cannot move")
          : Proposal.nothing("store " + store + " cannot lead now");
    }
    if (rule.role() == RuleRole.FOLLOWER && store == region.leaderStoreId()) {
      for (Peer other : region.voters()) {
        long candidate = other.getStoreId();
        if (candidate != store
            && !region.isPending(other.getId())
            && !region.isDown(other.getId())
            && mayLead(candidate)
            && isLeaderTarget(candidate)) {
          return of(plan("fix-follower-role").leader(candidate).build(), "leader cannot move");
        }
      }
      return Proposal.nothing("nobody else can lead");
    }
    return Proposal.nothing("roles are as the rules want them");
  }

  private Proposal improveLocation(RuleFit ruleFit) {
    PlacementRule rule = ruleFit.rule();
    if (rule.locationLabels().isEmpty() || !region.isHealthy()) {
      return Proposal.nothing("peers are as far apart as they can be");
    }
    Peer worst = null;
    double nearest = Double.MAX_VALUE;
    for (Peer peer : ruleFit.peers()) {
      StoreInfo store = planning.image().store(peer.getStoreId());
      double score =
          store == null
              ? -1
              : Locations.distinctScore(
                  rule.locationLabels(), storesOf(ruleFit, store.id()), store);
      if (score < nearest) {
        worst = peer;
        nearest = score;
      }
    }
    StoreInfo target = worst == null ? null : bestStore(ruleFit, worst.getStoreId());
    if (worst == null || target == null) {
      return Proposal.nothing("no other store can take a peer");
    }
    List<StoreInfo> others = storesOf(ruleFit, worst.getStoreId());
    if (Locations.distinctScore(rule.locationLabels(), others, target) <= nearest) {
      return Proposal.nothing("peers are as far apart as they can be");
    }
    return of(
        put(plan("move-to-better-location"), rule.role(), target.id())
            .remove(worst.getStoreId())
            .build(),
        "no peer id is at hand, or nobody can lead");
  }

  private Proposal checkOrphans() {
    if (fit.orphans().isEmpty()) {
      return Proposal.nothing("no peer is too many");
    }
    if (!planning.schedule().enableRemoveExtraReplica()) {
      return Proposal.nothing("enable-remove-extra-replica is off");
    }
    boolean served = true;
    for (RuleFit ruleFit : fit.ruleFits()) {
      served &= ruleFit.isSatisfied() && ruleFit.peers().stream().allMatch(this::works);
    }
    for (Peer orphan : fit.orphans()) {
      boolean expendable = served || (fit.orphans().size() > 1 && !works(orphan));
      if (expendable && orphan.getStoreId() != region.leaderStoreId()) {
        return of(
            plan(served ? "remove-orphan-peer" : "remove-unhealthy-orphan-peer")
                .remove(orphan.getStoreId())
                .build(),
            "region cannot lose its peer");
      }
    }
    for (Peer orphan : fit.orphans()) {
      if (served && orphan.getStoreId() == region.leaderStoreId()) {
        return of(
            plan("remove-orphan-peer").remove(orphan.getStoreId()).build(), "nobody can lead");
      }
    }
    return Proposal.nothing("peers that no rule wants stay until the rules are served");
  }

  private boolean works(Peer peer) {
    return !region.isPending(peer.getId()) && !region.isDown(peer.getId()) && !isLeaving(peer);
  }
}
