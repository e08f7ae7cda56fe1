package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.raft.readonly.ReadIndexQueue;
import io.rutile.raft.readonly.ReadRequest;
import io.rutile.raft.tracker.Progress;
import java.nio.ByteBuffer;

/**
 * A leader's heartbeats and what their answers prove: read indexes and the lease (thesis 6.4).
 *
 * <p>Each broadcast of heartbeats is a numbered round; the number travels in the heartbeat's
 * context and comes back with the answer. Reads join the round that begins with the next Ready.
 */
final class Reads {
  private final PeerState peer;

  Reads(PeerState peer) {
    this.peer = peer;
  }

  /** A read of this peer or of another one that forwarded it. */
  void onRequest(Leader leader, ReadRequest request) {
    if (!peer.commitToCurrentTerm()) {
      leader.reads.defer(request);
      return;
    }
    boolean byLease = peer.config.readOnlyLease() && leader.lease.isValid(peer.now);
    if (byLease) {
      answer(request, peer.log.committed());
    } else {
      leader.reads.add(request, peer.log.committed(), leader.lastRound + 1);
      leader.heartbeatOwed = true;
    }
  }

  /** The commit index has moved: reads that waited for the term's first commit may go on. */
  void onCommit(Leader leader) {
    if (!peer.commitToCurrentTerm()) {
      return;
    }
    ReadRequest request = leader.reads.pollDeferred();
    while (request != null) {
      onRequest(leader, request);
      request = leader.reads.pollDeferred();
    }
  }

  /**
   * Begins a round, if one is owed.
   *
   * @return its number, 0 for none
   */
  long sendOwed(Leader leader) {
    if (!leader.heartbeatOwed) {
      return 0;
    }
    leader.heartbeatOwed = false;
    leader.ticksSinceHeartbeat = 0;
    long round = ++leader.lastRound;
    leader.lease.roundStarted(round, peer.now);
    ByteString context = ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, round));
    for (int i = 0; i < leader.progress.size(); i++) {
      Progress to = leader.progress.at(i);
      if (to.id() == peer.id) {
        to.learnRound(round);
      } else {
        sendHeartbeat(to, context);
      }
    }
    confirmRounds(leader);
    return round;
  }

  /** Tells no commit index beyond what the peer is known to hold. */
  private void sendHeartbeat(Progress to, ByteString context) {
    peer.outbox.send(
        peer.message(MessageType.MsgHeartbeat, to.id())
            .setCommit(Math.min(to.match(), peer.log.committed()))
            .setContext(context)
            .build());
  }

  void onHeartbeatResponse(Leader leader, Progress from, Message response) {
    if (response.getContext().size() == Long.BYTES) {
      from.learnRound(response.getContext().asReadOnlyByteBuffer().getLong());
      confirmRounds(leader);
    }
  }

  /** Answers the reads of all rounds that a quorum has answered. */
  void confirmRounds(Leader leader) {
    long confirmed =
        Math.min(leader.lastRound, peer.configuration.voters().committed(leader.progress.rounds()));
    if (confirmed <= leader.lease.confirmedRound()) {
      return;
    }
    leader.lease.roundConfirmed(confirmed);
    ReadIndexQueue.Confirmed read = leader.reads.poll(confirmed);
    while (read != null) {
      answer(read.request(), read.index());
      read = leader.reads.poll(confirmed);
    }
  }

  private void answer(ReadRequest request, long index) {
    if (request.from() == peer.id) {
      peer.addReadState(new ReadState(index, request.context()));
    } else {
      peer.outbox.send(
          peer.message(MessageType.MsgReadIndexResp, request.from())
              .setIndex(index)
              .addEntries(Entry.newBuilder().setData(request.context()))
              .build());
    }
  }
}
