package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.raft.confchange.ConfChangeException;
import io.rutile.raft.confchange.ConfChanger;
import io.rutile.raft.confchange.Configuration;
import io.rutile.raft.core.ProposalDroppedException.Reason;
import io.rutile.raft.tracker.Progress;
import io.rutile.raft.tracker.Progress.Owed;

/**
 * Changes of members: proposed one at a time, taken over when applied (thesis, chapter 4).
 *
 * <p>At most one change may be in the log and not applied; the leader refuses to append another. A
 * new leader does not know what its log holds, so it counts the whole log as a possible change
 * until that is applied.
 */
final class Membership {
  private final PeerState peer;
  private final Elections elections;
  private final Replication replication;
  private final Reads reads;

  Membership(PeerState peer, Elections elections, Replication replication, Reads reads) {
    this.peer = peer;
    this.elections = elections;
    this.replication = replication;
    this.reads = reads;
  }

  long propose(Leader leader, ByteString context, ConfChangeV2 change) {
    if (replication.hasPendingConf(leader)) {
      throw new ProposalDroppedException(Reason.CONF_CHANGE_PENDING);
    }
    if (peer.configuration.isJoint() != ConfChanger.leavesJoint(change)) {
      throw new ProposalDroppedException(Reason.WRONG_JOINT_STATE);
    }
    try {
      ConfChanger.apply(peer.configuration, change);
    } catch (ConfChangeException impossible) {
      throw new ProposalDroppedException(Reason.INVALID_CONF_CHANGE);
    }
    long index =
        replication.propose(leader, EntryType.EntryConfChangeV2, context, change.toByteString());
    leader.pendingConfIndex = index;
    return index;
  }

  /** Takes over an applied change. */
  ConfState apply(ConfChangeV2 change) {
    peer.configuration = ConfChanger.apply(peer.configuration, change);
    if (peer.role instanceof Leader leader) {
      onChanged(leader);
    }
    return peer.configuration.toConfState();
  }

  private void onChanged(Leader leader) {
    Configuration configuration = peer.configuration;
    addNewMembers(leader, configuration);
    if (!configuration.isVoter(peer.id)) {
      stepDown(leader, configuration);
      return;
    }
    removeOldMembers(leader, configuration);
    replication.advanceCommit(leader);
    leader.oweAll(Owed.ENTRIES);
    reads.confirmRounds(leader);
    if (leader.transferee != 0 && !configuration.isVoter(leader.transferee)) {
      leader.transferee = 0;
    }
  }

  /** A new member counts as alive, so that it may get a snapshot and does not fail the quorum. */
  private void addNewMembers(Leader leader, Configuration configuration) {
    for (long id : configuration.members()) {
      if (leader.progress.get(id) == null) {
        long changeIndex = peer.log.applied() + 1;
        Progress added = replication.newProgress(id, changeIndex, peer.log.lastIndex() + 1);
        added.setRecentActive(true);
        leader.progress.add(added);
        leader.owe(added, Owed.APPEND);
      }
    }
  }

  private static void removeOldMembers(Leader leader, Configuration configuration) {
    for (int i = leader.progress.size() - 1; i >= 0; i--) {
      long id = leader.progress.at(i).id();
      if (!configuration.isMember(id)) {
        leader.progress.remove(id);
      }
    }
  }

  /**
   * A leader that is no longer a voter steps down (thesis 4.2.2). Before, it tells the others what
   * is committed: the change is, and they need not wait for the next leader to learn of it.
   */
  private void stepDown(Leader leader, Configuration configuration) {
    leader.oweAll(Owed.APPEND);
    replication.sendOwed(leader);
    removeOldMembers(leader, configuration);
    elections.becomeFollower(peer.term(), 0);
  }

  /** A joint phase ends by itself once its beginning is applied, if it was begun so. */
  void onApplied(Leader leader) {
    if (peer.configuration.autoLeave() && peer.log.applied() >= leader.pendingConfIndex) {
      leader.pendingConfIndex =
          replication.append(leader, Entry.newBuilder().setEntryType(EntryType.EntryConfChangeV2));
    }
  }
}
