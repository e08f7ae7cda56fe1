package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.eraftpb.SnapshotMetadata;
import io.rutile.raft.confchange.Configuration;
import io.rutile.raft.log.RaftInvariantException;
import java.util.List;

/**
 * What a follower does at its leader's word: append, heartbeat, snapshot, and the way of its own
 * requests to the leader (paper 5.3, 7).
 */
final class Following {
  private final PeerState peer;
  private final Elections elections;

  Following(PeerState peer, Elections elections) {
    this.peer = peer;
    this.elections = elections;
  }

  /** A message that only the leader of the current term sends. */
  void onLeaderMessage(Message message) {
    Role.Follower follower = followerOf(message);
    elections.leaderHeard(follower, message.getFrom());
    switch (message.getMsgType()) {
      case MsgAppend -> onAppend(message);
      case MsgHeartbeat -> onHeartbeat(message);
      case MsgSnapshot -> onSnapshot(message);
      default -> throw new IllegalArgumentException("not a leader's: " + message.getMsgType());
    }
  }

  private Role.Follower followerOf(Message message) {
    return switch (peer.role) {
      case Role.Follower follower -> follower;
      case Role.PreCandidate _, Role.Candidate _ -> {
        Role.Follower follower = new Role.Follower(message.getFrom());
        elections.follow(follower);
        yield follower;
      }
      case Leader _ ->
          throw new RaftInvariantException(
              "two leaders in term " + peer.term() + ": " + peer.id + " and " + message.getFrom());
    };
  }

  private void onAppend(Message append) {
    if (peer.requestedSnapshot != 0) {
      sendSnapshotRequest(append.getFrom());
      return;
    }
    if (append.getIndex() < peer.log.committed()) {
      accept(append.getFrom(), peer.log.committed());
      return;
    }
    if (!peer.log.tryAppend(append.getIndex(), append.getLogTerm(), append.getEntriesList())) {
      reject(append);
      return;
    }
    long last = append.getIndex() + append.getEntriesCount();
    peer.log.commitTo(Math.min(append.getCommit(), last));
    accept(append.getFrom(), last);
  }

  private void accept(long leader, long index) {
    peer.outbox.sendAfterWrite(
        peer.message(MessageType.MsgAppendResponse, leader)
            .setIndex(index)
            .setCommit(peer.log.committed())
            .build());
  }

  /** Tells the leader the last entry that may match, so that it probes once for each term. */
  private void reject(Message append) {
    long hint =
        peer.log.lastIndexWithTermUpTo(
            Math.min(append.getIndex(), peer.log.lastIndex()), append.getLogTerm());
    peer.outbox.sendAfterWrite(
        peer.message(MessageType.MsgAppendResponse, append.getFrom())
            .setIndex(append.getIndex())
            .setReject(true)
            .setRejectHint(hint)
            .setLogTerm(Math.max(0, peer.log.termAt(hint)))
            .setCommit(peer.log.committed())
            .build());
  }

  /**
   * The leader tells no commit index beyond what this peer has acknowledged, so a greater one shows
   * that acknowledged entries were lost.
   */
  private void onHeartbeat(Message heartbeat) {
    peer.log.commitTo(heartbeat.getCommit());
    if (peer.requestedSnapshot != 0) {
      sendSnapshotRequest(heartbeat.getFrom());
    }
    peer.outbox.send(
        peer.message(MessageType.MsgHeartbeatResponse, heartbeat.getFrom())
            .setContext(heartbeat.getContext())
            .setCommit(peer.log.committed())
            .build());
  }

  private void onSnapshot(Message message) {
    if (restore(message.getSnapshot())) {
      accept(message.getFrom(), peer.log.lastIndex());
    } else {
      accept(message.getFrom(), peer.log.committed());
    }
  }

  private boolean restore(Snapshot snapshot) {
    SnapshotMetadata meta = snapshot.getMetadata();
    if (meta.getIndex() < peer.log.committed()) {
      return false;
    }
    Configuration configuration = Configuration.from(meta.getConfState());
    if (!configuration.isMember(peer.id)) {
      return false; // it was meant for a peer that has been removed
    }
    if (peer.requestedSnapshot == 0 && peer.log.matches(meta.getIndex(), meta.getTerm())) {
      peer.log.commitTo(meta.getIndex());
      return false;
    }
    peer.log.restore(snapshot);
    peer.configuration = configuration;
    peer.requestedSnapshot = 0;
    return true;
  }

  /**
   * Asks the leader for a snapshot because this peer's data is unusable.
   *
   * @throws RaftException when it cannot ask now
   */
  void requestSnapshot() {
    long leader = peer.leaderId();
    if (leader == 0 || leader == peer.id) {
      throw RaftException.requestSnapshotDropped("there is no leader to ask");
    }
    if (peer.log.hasPendingSnapshot() || peer.requestedSnapshot != 0) {
      throw RaftException.requestSnapshotDropped("a snapshot is on its way");
    }
    if (peer.log.lastTerm() != peer.term()) {
      throw RaftException.requestSnapshotDropped("the log has no entry of this term yet");
    }
    peer.requestedSnapshot = peer.log.lastIndex();
    sendSnapshotRequest(leader);
  }

  private void sendSnapshotRequest(long leader) {
    peer.outbox.sendAfterWrite(
        peer.message(MessageType.MsgAppendResponse, leader)
            .setIndex(peer.log.committed())
            .setReject(true)
            .setRejectHint(peer.log.lastIndex())
            .setLogTerm(peer.log.lastTerm())
            .setRequestSnapshot(peer.requestedSnapshot)
            .setCommit(peer.log.committed())
            .build());
  }

  /**
   * Takes entries that are known to be committed, from another source than the leader, and commits
   * up to {@code commit}. Nothing is acknowledged to anybody.
   *
   * @return false when this log does not reach up to them yet, or a snapshot is being restored
   */
  boolean catchUp(List<Entry> entries, long commit) {
    if (peer.log.hasPendingSnapshot()) {
      return false;
    }
    List<Entry> missing =
        entries.stream().filter(entry -> entry.getIndex() > peer.log.committed()).toList();
    if (!missing.isEmpty()) {
      long before = missing.getFirst().getIndex() - 1;
      long termBefore = peer.log.termAt(before);
      if (termBefore == -1) {
        return false;
      }
      Entry last = missing.getLast();
      if (last.getTerm() > peer.term()) {
        elections.becomeFollower(last.getTerm(), 0);
      } else if (peer.role instanceof Leader && !peer.log.matches(commit, last.getTerm())) {
        throw new RaftInvariantException(
            "leader " + peer.id + " of term " + peer.term() + " lacks committed entry " + commit);
      }
      peer.log.tryAppend(before, termBefore, missing);
    }
    peer.log.commitTo(commit);
    return true;
  }

  /** Passes a read index request on to the leader, if one is known. */
  void forwardReadIndex(ByteString context) {
    long leader = peer.leaderId();
    if (leader != 0) {
      peer.outbox.send(
          peer.messageWithoutTerm(MessageType.MsgReadIndex, leader)
              .addEntries(Entry.newBuilder().setData(context))
              .build());
    }
  }

  /**
   * The leader confirmed a read. It does so only once it has committed in its term, so the entry at
   * the index it names is committed; if this log holds it in that term, it is the same entry.
   */
  void onReadIndexResponse(Message response) {
    if (response.getEntriesCount() != 1) {
      return;
    }
    peer.addReadState(new ReadState(response.getIndex(), response.getEntries(0).getData()));
    if (peer.log.matches(response.getIndex(), response.getTerm())) {
      peer.log.commitTo(response.getIndex());
    }
  }

  /** Passes the wish for another leader on to the leader, if one is known. */
  void forwardTransfer(long transferee) {
    long leader = peer.leaderId();
    if (leader != 0) {
      peer.outbox.send(
          peer.message(MessageType.MsgTransferLeader, leader).setFrom(transferee).build());
    }
  }
}
