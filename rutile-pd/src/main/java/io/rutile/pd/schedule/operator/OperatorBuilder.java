package io.rutile.pd.schedule.operator;

import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * From the peers a region has to the peers it should have, as steps that never drop it below a
 * quorum: new peers join as learners and catch up first; voters that go are demoted in the same
 * joint change that promotes the new ones, and removed last; a leader that goes hands over before.
 */
public final class OperatorBuilder {
  private final String description;
  private final OperatorKind kind;
  private final RegionInfo region;
  private final LongSupplier ids;
  private final boolean joint;
  private final Map<Long, PeerRole> target = new TreeMap<>();
  private LongPredicate mayLead = store -> true;
  private long targetLeader;

  /**
   * @param ids gives a new peer's id, or 0 when none is at hand: then nothing is built
   * @param joint whether several voters may change at once
   */
  public OperatorBuilder(
      String description, OperatorKind kind, RegionInfo region, LongSupplier ids, boolean joint) {
    this.description = description;
    this.kind = kind;
    this.region = region;
    this.ids = ids;
    this.joint = joint;
    for (Peer peer : region.peers()) {
      target.put(peer.getStoreId(), RegionInfo.isLearner(peer) ? PeerRole.Learner : PeerRole.Voter);
    }
  }

  public OperatorBuilder addVoter(long store) {
    target.put(store, PeerRole.Voter);
    return this;
  }

  public OperatorBuilder addLearner(long store) {
    target.put(store, PeerRole.Learner);
    return this;
  }

  public OperatorBuilder remove(long store) {
    target.remove(store);
    return this;
  }

  public OperatorBuilder leader(long store) {
    targetLeader = store;
    return this;
  }

  /** Stores that may lead when the present leader has to go and no other one is wanted. */
  public OperatorBuilder mayLead(LongPredicate stores) {
    mayLead = stores;
    return this;
  }

  /** The operator, null when nothing is to be done or the target makes no sense. */
  public @Nullable Operator build() {
    List<Peer> added = new ArrayList<>();
    List<Peer> promoted = new ArrayList<>();
    List<Peer> demoted = new ArrayList<>();
    List<Peer> removed = new ArrayList<>();
    compare(added, promoted, demoted, removed);
    long leader = chooseLeader();
    if (leader == 0 || added.stream().anyMatch(peer -> peer.getId() == 0)) {
      return null;
    }
    List<OperatorStep> steps = new ArrayList<>();
    for (Peer peer : added) {
      steps.add(new OperatorStep.AddLearner(peer.getStoreId(), peer.getId()));
    }
    if (joint && promoted.size() + demoted.size() > 1) {
      changeJointly(steps, promoted, demoted, leader);
    } else {
      changeSingly(steps, promoted, demoted, leader);
    }
    for (Peer peer : removed) {
      steps.add(new OperatorStep.RemovePeer(peer.getStoreId(), peer.getId()));
    }
    return steps.isEmpty() ? null : new Operator(description, kind, region, steps);
  }

  private void compare(
      List<Peer> added, List<Peer> promoted, List<Peer> demoted, List<Peer> removed) {
    target.forEach((store, role) -> {
      Peer peer = region.peerOnStore(store);
      if (peer == null) {
        Peer fresh = Peer.newBuilder().setId(ids.getAsLong()).setStoreId(store).build();
        added.add(fresh);
        if (role == PeerRole.Voter) {
          promoted.add(fresh);
        }
      } else if (role == PeerRole.Voter && RegionInfo.isLearner(peer)) {
        promoted.add(peer);
      } else if (role == PeerRole.Learner && !RegionInfo.isLearner(peer)) {
        demoted.add(peer);
      }
    });
    boolean swaps = joint && !promoted.isEmpty();
    for (Peer peer : region.peers()) {
      if (!target.containsKey(peer.getStoreId())) {
        removed.add(peer);
        if (swaps && !RegionInfo.isLearner(peer)) {
          demoted.add(peer);
        }
      }
    }
  }

  /** The store that leads in the end: the wanted one, else the present one, else any voter. */
  private long chooseLeader() {
    if (targetLeader != 0) {
      return target.get(targetLeader) == PeerRole.Voter ? targetLeader : 0;
    }
    if (target.get(region.leaderStoreId()) == PeerRole.Voter) {
      return region.leaderStoreId();
    }
    long fallback = 0;
    for (Map.Entry<Long, PeerRole> entry : target.entrySet()) {
      if (entry.getValue() == PeerRole.Voter && mayLead.test(entry.getKey())) {
        if (isSettledVoter(entry.getKey())) {
          return entry.getKey();
        }
        fallback = fallback == 0 ? entry.getKey() : fallback;
      }
    }
    return fallback;
  }

  private boolean isSettledVoter(long store) {
    Peer peer = region.peerOnStore(store);
    return peer != null
        && peer.getRole() == PeerRole.Voter
        && !region.isPending(peer.getId())
        && !region.isDown(peer.getId());
  }

  private void changeJointly(
      List<OperatorStep> steps, List<Peer> promoted, List<Peer> demoted, long leader) {
    boolean moves = leader != region.leaderStoreId();
    Peer present = region.peerOnStore(leader);
    boolean votesAlready = present != null && !RegionInfo.isLearner(present);
    if (moves && votesAlready) {
      steps.add(new OperatorStep.MoveLeader(region.leaderStoreId(), leader));
    }
    steps.add(new OperatorStep.EnterJoint(List.copyOf(promoted), List.copyOf(demoted)));
    if (moves && !votesAlready) {
      steps.add(new OperatorStep.MoveLeader(region.leaderStoreId(), leader));
    }
    steps.add(new OperatorStep.LeaveJoint(List.copyOf(promoted), List.copyOf(demoted)));
  }

  private void changeSingly(
      List<OperatorStep> steps, List<Peer> promoted, List<Peer> demoted, long leader) {
    for (Peer peer : promoted) {
      steps.add(new OperatorStep.PromoteLearner(peer.getStoreId(), peer.getId()));
    }
    if (leader != region.leaderStoreId()) {
      steps.add(new OperatorStep.MoveLeader(region.leaderStoreId(), leader));
    }
    if (!demoted.isEmpty()) {
      steps.add(new OperatorStep.EnterJoint(List.of(), List.copyOf(demoted)));
    }
    if (demoted.size() > 1) {
      steps.add(new OperatorStep.LeaveJoint(List.of(), List.copyOf(demoted)));
    }
  }
}
