package io.rutile.store.peer;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeTransition;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.TransferLeader;
import io.rutile.proto.raftcmdpb.AdminCmdType;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.ChangePeerRequest;
import io.rutile.proto.raftcmdpb.ChangePeerV2Request;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.RaftStatus;
import io.rutile.raft.tracker.ProgressState;
import io.rutile.store.apply.PeerChanges;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionErrorException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of a region's members and of its leader, as the placement driver orders them. Owned by:
 * store loop. An order that does not fit, or that would leave the region without a healthy
 * majority, is dropped with a word in the log: the driver looks again and orders anew.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final Peer peer;

  Membership(Peer peer) {
    this.peer = peer;
  }

  void onChangePeers(List<ChangePeer> orders) {
    List<ChangePeerRequest> changes = new ArrayList<>();
    for (ChangePeer order : orders) {
      changes.add(
          ChangePeerRequest.newBuilder()
              .setChangeType(order.getChangeType())
              .setPeer(order.getPeer())
              .build());
    }
    String refusal = refusal(changes);
    if (refusal != null) {
      LOG.info("{}: peers are not changed: {}", peer.image(), refusal);
      return;
    }
    propose(changes);
  }

  private @Nullable String refusal(List<ChangePeerRequest> changes) {
    if (peer.admin().epochChanging() || peer.state() == PeerState.Merging) {
      return "another change is under way";
    }
    if (peer.image().region().getIsInFlashback()) {
      return "a flashback is under way";
    }
    if (peer.appliedTerm() != peer.node().term()) {
      return "the leader has not applied an entry of its term yet";
    }
    Region after;
    try {
      after = PeerChanges.apply(peer.image().region(), changes);
    } catch (RegionErrorException e) {
      return e.getMessage();
    }
    io.rutile.proto.metapb.Peer self = null;
    for (io.rutile.proto.metapb.Peer member : after.getPeersList()) {
      if (member.getId() == peer.peerId()) {
        self = member;
      }
    }
    if (changes.size() <= 1
        && (self == null || self.getRole() == PeerRole.Learner)
        && !changes.isEmpty()) {
      return "the leader would remove itself";
    }
    return healthy(after) ? null : "too few voters answer to make a majority afterwards";
  }

  private boolean healthy(Region after) {
    RaftStatus status = peer.node().status();
    int voters = 0;
    int healthy = 0;
    for (io.rutile.proto.metapb.Peer member : after.getPeersList()) {
      if (!RegionImage.isVoter(member) || member.getRole() == PeerRole.DemotingVoter) {
        continue;
      }
      voters++;
      if (member.getId() == peer.peerId() || caughtUp(status, member.getId())) {
        healthy++;
      }
    }
    return healthy >= voters / 2 + 1 || voters <= 2 && healthy >= 1;
  }

  private boolean caughtUp(RaftStatus status, long peerId) {
    for (PeerProgress progress : status.progress()) {
      if (progress.id() == peerId) {
        return progress.match() >= peer.storage().firstIndex() - 1;
      }
    }
    return false;
  }

  private void propose(List<ChangePeerRequest> changes) {
    RaftNode node = peer.node();
    AdminRequest command =
        AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.ChangePeerV2)
            .setChangePeerV2(ChangePeerV2Request.newBuilder().addAllChanges(changes))
            .build();
    ConfChangeV2.Builder change =
        ConfChangeV2.newBuilder()
            .setTransition(
                changes.size() > 1 ? ConfChangeTransition.Explicit : ConfChangeTransition.Auto)
            .setContext(AdminQueue.encode(peer.image(), node.term(), command, 0));
    for (ChangePeerRequest single : changes) {
      change.addChanges(
          ConfChangeSingle.newBuilder()
              .setChangeType(single.getChangeType())
              .setNodeId(single.getPeer().getId()));
    }
    try {
      long index = node.proposeConfChange(ByteString.EMPTY, change.build());
      peer.admin().onProposed(index, node.term(), Epochs.ruleOf(AdminCmdType.ChangePeerV2), null);
      peer.host().markDirty(peer);
    } catch (ProposalDroppedException e) {
      LOG.info("{}: peers are not changed: {}", peer.image(), e.getMessage());
    }
  }

  /** Hands leadership to the first of the named peers that is able to take it. */
  void onTransferLeader(TransferLeader order) {
    List<io.rutile.proto.metapb.Peer> targets =
        order.getPeersCount() > 0 ? order.getPeersList() : List.of(order.getPeer());
    RaftStatus status = peer.node().status();
    for (io.rutile.proto.metapb.Peer target : targets) {
      if (ready(status, target.getId())) {
        peer.node().transferLeader(target.getId());
        peer.host().markDirty(peer);
        return;
      }
    }
    LOG.info("{}: leadership stays: no target is up to date", peer.image());
  }

  private boolean ready(RaftStatus status, long target) {
    long maxLag = peer.store().config().peers().leaderTransferMaxLogLag();
    for (PeerProgress progress : status.progress()) {
      if (progress.id() == target) {
        return !progress.learner()
            && progress.state() != ProgressState.SNAPSHOT
            && status.lastIndex() - progress.match() <= maxLag
            && peer.state() != PeerState.Merging
            && !peer.admin().epochChanging();
      }
    }
    return false;
  }
}
