package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.MetaCommand;
import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.tracker.ProgressState;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a leader does to the group: add and remove members, give caught-up ones their vote, hand
 * over leadership.
 *
 * <p>A new member is a learner first and becomes a voter when its log is nearly the leader's, so
 * that the quorum grows only by members that are there. A removal is refused when the voters that
 * remain and answer are no quorum.
 *
 * <p>Owned by: the store's thread; called only while this member leads.
 */
final class GroupChanges {
  /** Entries that a learner may be behind when it gets its vote. */
  private static final long CAUGHT_UP_ENTRIES = 100;

  private final long selfId;
  private final RaftNode node;
  private final MetaMachine machine;
  private final PendingWrites pending;

  GroupChanges(long selfId, RaftNode node, MetaMachine machine, PendingWrites pending) {
    this.selfId = selfId;
    this.node = node;
    this.machine = machine;
    this.pending = pending;
  }

  /** Adds or removes a member; {@code done} is completed in every case. */
  void change(MemberRecord record, CompletableFuture<Object> done) {
    MetaStoreException refusal = record.getRemoved() ? removal(record.getId()) : addition(record);
    if (refusal != null) {
      done.completeExceptionally(refusal);
      return;
    }
    long sequence = pending.add(done);
    MetaCommand command =
        MetaCommand.newBuilder()
            .setProposer(selfId)
            .setSequence(sequence)
            .setMember(record)
            .build();
    ConfChangeType type =
        record.getRemoved() ? ConfChangeType.RemoveNode : ConfChangeType.AddLearnerNode;
    try {
      propose(type, record.getId(), command.toByteString());
    } catch (ProposalDroppedException e) {
      pending.refuse(sequence, refused("etcdserver: cannot change members now: " + e.reason()));
    }
  }

  private void propose(ConfChangeType type, long memberId, ByteString context) {
    node.proposeConfChange(
        ByteString.EMPTY,
        ConfChangeV2.newBuilder()
            .addChanges(ConfChangeSingle.newBuilder().setChangeType(type).setNodeId(memberId))
            .setContext(context)
            .build());
  }

  private static MetaStoreException refused(String text) {
    return new MetaStoreException(MetaStoreException.Kind.MEMBER, text);
  }

  private @Nullable MetaStoreException addition(MemberRecord record) {
    for (MemberRecord member : machine.members()) {
      if (member.getId() == record.getId()) {
        return refused("etcdserver: member ID already exist");
      }
      if (member.getPeerUrlsList().stream().anyMatch(record.getPeerUrlsList()::contains)) {
        return refused("etcdserver: Peer URLs already exists");
      }
    }
    return null;
  }

  private @Nullable MetaStoreException removal(long memberId) {
    if (machine.member(memberId) == null) {
      return MetaMachine.memberNotFound();
    }
    long remaining = 0;
    long answering = 0;
    for (PeerProgress member : node.status().progress()) {
      if (!member.learner() && member.id() != memberId) {
        remaining++;
        answering += member.id() == selfId || member.recentActive() ? 1 : 0;
      }
    }
    return answering > remaining / 2
        ? null
        : refused("etcdserver: re-configuration failed due to not enough started members");
  }

  /** Gives one learner that has caught up its vote. */
  void promote() {
    if (node.confState().getLearnersCount() == 0 || node.hasPendingConf()) {
      return;
    }
    for (PeerProgress member : node.status().progress()) {
      if (member.learner()
          && member.recentActive()
          && member.state() == ProgressState.REPLICATE
          && member.match() + CAUGHT_UP_ENTRIES >= node.lastIndex()) {
        try {
          propose(ConfChangeType.AddNode, member.id(), ByteString.EMPTY);
        } catch (ProposalDroppedException e) {
          // Something else goes first; asked again soon.
        }
        return;
      }
    }
  }

  /**
   * Hands over to {@code memberId}, or with 0 to the voter that has most of the log. To one that
   * does not answer nothing is handed over: meanwhile no write would be taken.
   */
  void transfer(long memberId) {
    node.status().progress().stream()
        .filter(member -> member.id() != selfId && !member.learner() && member.recentActive())
        .filter(member -> memberId == 0 || member.id() == memberId)
        .max(Comparator.comparingLong(PeerProgress::match))
        .ifPresent(member -> node.transferLeader(member.id()));
  }

  /** Whether the member is part of the configuration. */
  static boolean contains(ConfState conf, long memberId) {
    return List.of(
            conf.getVotersList(),
            conf.getVotersOutgoingList(),
            conf.getLearnersList(),
            conf.getLearnersNextList())
        .stream()
        .anyMatch(ids -> ids.contains(memberId));
  }
}
