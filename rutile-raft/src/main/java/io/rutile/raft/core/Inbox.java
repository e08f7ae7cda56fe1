package io.rutile.raft.core;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.raft.readonly.ReadRequest;
import io.rutile.raft.tracker.Progress;

/**
 * Takes peers' messages: first what a message's term means (paper 5.1), then what its type means to
 * the current role. A message that means nothing is dropped, like one that the network lost.
 */
final class Inbox {
  private final PeerState peer;
  private final Elections elections;
  private final Following following;
  private final Replication replication;
  private final Reads reads;
  private final Transfers transfers;

  Inbox(
      PeerState peer,
      Elections elections,
      Following following,
      Replication replication,
      Reads reads,
      Transfers transfers) {
    this.peer = peer;
    this.elections = elections;
    this.following = following;
    this.replication = replication;
    this.reads = reads;
    this.transfers = transfers;
  }

  void step(Message message) {
    switch (message.getMsgType()) {
      case MsgHup, MsgBeat, MsgUnreachable, MsgSnapStatus, MsgCheckQuorum, MsgPropose ->
          throw RaftException.localMessage(message.getMsgType().name());
      case MsgReadIndex -> onReadIndex(message);
      case MsgRequestVote, MsgRequestPreVote -> onVoteRequest(message);
      case MsgAppend,
          MsgAppendResponse,
          MsgRequestVoteResponse,
          MsgSnapshot,
          MsgHeartbeat,
          MsgHeartbeatResponse,
          MsgTransferLeader,
          MsgTimeoutNow,
          MsgReadIndexResp,
          MsgRequestPreVoteResponse -> {
        if (message.getTerm() >= peer.term()) {
          enterTermOf(message);
          dispatch(message);
        } else {
          answerOldTerm(message);
        }
      }
      case UNRECOGNIZED -> throw RaftException.localMessage("unknown");
    }
  }

  /** A later term ends the role; only its leader's messages say who leads it. */
  private void enterTermOf(Message message) {
    boolean preVoteGranted =
        message.getMsgType() == MessageType.MsgRequestPreVoteResponse && !message.getReject();
    if (message.getTerm() > peer.term() && !preVoteGranted) {
      elections.becomeFollower(
          message.getTerm(), isLeaders(message.getMsgType()) ? message.getFrom() : 0);
    }
  }

  private static boolean isLeaders(MessageType type) {
    return type == MessageType.MsgAppend
        || type == MessageType.MsgHeartbeat
        || type == MessageType.MsgSnapshot;
  }

  /**
   * A leader of an old term is told of the new one, or it would not learn of it from a peer that
   * withholds its votes.
   */
  private void answerOldTerm(Message message) {
    MessageType type = message.getMsgType();
    if (type == MessageType.MsgAppend || type == MessageType.MsgHeartbeat) {
      peer.outbox.send(peer.message(MessageType.MsgAppendResponse, message.getFrom()).build());
    }
  }

  private void onVoteRequest(Message request) {
    boolean pre = request.getMsgType() == MessageType.MsgRequestPreVote;
    if (request.getTerm() < peer.term()) {
      if (pre) {
        elections.refuse(request, true);
      }
      return;
    }
    if (request.getTerm() > peer.term()) {
      boolean forced = Elections.isForced(request);
      if (!forced && elections.withholdsVote()) {
        return;
      }
      if (!pre) {
        elections.becomeFollower(request.getTerm(), 0);
      }
      if (forced) {
        peer.voteWithheldTicks = 0;
      }
    }
    elections.onVoteRequest(request);
  }

  private void onReadIndex(Message message) {
    if (message.getEntriesCount() != 1) {
      return;
    }
    if (peer.role instanceof Leader leader) {
      reads.onRequest(leader, new ReadRequest(message.getFrom(), message.getEntries(0).getData()));
    }
  }

  private void dispatch(Message message) {
    switch (message.getMsgType()) {
      case MsgAppend, MsgHeartbeat, MsgSnapshot -> following.onLeaderMessage(message);
      case MsgRequestVoteResponse, MsgRequestPreVoteResponse -> elections.onVoteResponse(message);
      case MsgTimeoutNow -> {
        if (peer.role.kind() == RaftRole.FOLLOWER) {
          elections.onTimeoutNow();
        }
      }
      case MsgReadIndexResp -> {
        if (peer.role.kind() == RaftRole.FOLLOWER) {
          following.onReadIndexResponse(message);
        }
      }
      default -> {
        if (peer.role instanceof Leader leader) {
          dispatchToLeader(leader, message);
        }
      }
    }
  }

  private void dispatchToLeader(Leader leader, Message message) {
    Progress from = leader.progress.get(message.getFrom());
    if (from == null) {
      return; // no longer, or not yet, a member
    }
    switch (message.getMsgType()) {
      case MsgAppendResponse -> {
        replication.onAppendResponse(leader, from, message);
        transfers.onAcknowledged(leader, from);
      }
      case MsgHeartbeatResponse -> {
        replication.onHeartbeatResponse(leader, from, message);
        reads.onHeartbeatResponse(leader, from, message);
      }
      case MsgTransferLeader -> transfers.begin(leader, message.getFrom());
      default -> throw new IllegalArgumentException("not for a leader: " + message.getMsgType());
    }
  }
}
