package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.raft.log.CompactedException;
import io.rutile.raft.log.RaftInvariantException;
import io.rutile.raft.log.SnapshotTemporarilyUnavailableException;
import io.rutile.raft.readonly.LeaderLease;
import io.rutile.raft.tracker.Progress;
import io.rutile.raft.tracker.Progress.Owed;
import io.rutile.raft.tracker.ProgressState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a leader gets its log to the others and decides what is committed (paper 5.3, 5.4.2; thesis
 * 10.2.1).
 *
 * <p>Appends leave before the leader's own write is durable; the leader counts itself only once the
 * driver has reported that. Appends are owed when something changes and sent when the driver takes
 * a Ready, so the work for a peer does not grow with the number of proposals in between.
 */
final class Replication {
  private final PeerState peer;
  private final Reads reads;

  Replication(PeerState peer, Reads reads) {
    this.peer = peer;
    this.reads = reads;
  }

  /** Takes up leadership of the current term. */
  void lead() {
    long last = peer.log.lastIndex();
    Leader leader = new Leader(last + 1, LeaderLease.leaseTicks(peer.config.electionTicks()));
    for (long id : peer.configuration.members()) {
      leader.progress.add(newProgress(id, peer.log.applied(), last + 1));
    }
    peer.role = leader;
    // What the log holds may include a conf change; finding out is not worth reading it all.
    leader.pendingConfIndex = last;
    Progress self = self(leader);
    if (self != null) {
      self.acknowledge(peer.log.persisted());
      self.learnCommitted(peer.log.committed());
      self.becomeReplicate();
    }
    append(leader, Entry.newBuilder());
  }

  Progress newProgress(long id, long memberSince, long next) {
    return new Progress(
        id, memberSince, next, peer.config.maxInflightMessages(), peer.config.maxInflightBytes());
  }

  private @Nullable Progress self(Leader leader) {
    return leader.progress.get(peer.id);
  }

  /** Appends an entry of this term and sends it with the next Ready. */
  long append(Leader leader, Entry.Builder entry) {
    long index = peer.log.lastIndex() + 1;
    peer.log.append(entry.setTerm(peer.term()).setIndex(index).build());
    leader.oweAll(Owed.ENTRIES);
    return index;
  }

  /**
   * Appends a proposal.
   *
   * @throws ProposalDroppedException when the uncommitted tail is too large
   */
  long propose(Leader leader, EntryType type, ByteString context, ByteString data) {
    long size = data.size();
    boolean fits =
        size == 0
            || leader.uncommittedBytes == 0
            || leader.uncommittedBytes + size <= peer.config.maxUncommittedSize();
    if (!fits) {
      throw new ProposalDroppedException(ProposalDroppedException.Reason.TOO_MUCH_UNCOMMITTED);
    }
    leader.uncommittedBytes += size;
    return append(leader, Entry.newBuilder().setEntryType(type).setContext(context).setData(data));
  }

  /** Entries on their way to the state machine no longer count as uncommitted. */
  void entriesCommitted(List<Entry> entries) {
    if (peer.role instanceof Leader leader) {
      for (Entry entry : entries) {
        if (entry.getIndex() > leader.termStartIndex) {
          leader.uncommittedBytes -= entry.getData().size();
        }
      }
    }
  }

  /** The leader's own log has become durable further on. */
  void onPersisted(Leader leader) {
    Progress self = self(leader);
    if (self != null && self.acknowledge(peer.log.persisted())) {
      advanceCommit(leader);
    }
  }

  /** Commits what a quorum holds, if it is of this term (paper 5.4.2). */
  void advanceCommit(Leader leader) {
    long reached = peer.configuration.voters().committed(leader.progress.matches());
    if (reached < leader.termStartIndex || reached <= peer.log.committed()) {
      return;
    }
    peer.log.commitTo(reached);
    Progress self = self(leader);
    if (self != null) {
      self.learnCommitted(reached);
    }
    if (!peer.config.skipBroadcastCommit() || hasPendingConf(leader)) {
      leader.oweAll(Owed.APPEND);
    }
    reads.onCommit(leader);
  }

  boolean hasPendingConf(Leader leader) {
    return leader.pendingConfIndex > peer.log.applied();
  }

  void onAppendResponse(Leader leader, Progress from, Message response) {
    from.setRecentActive(true);
    from.learnCommitted(response.getCommit());
    if (response.getReject()) {
      onReject(leader, from, response);
      return;
    }
    if (response.getIndex() > peer.log.lastIndex()) {
      throw new RaftInvariantException(
          "peer " + from.id() + " accepted up to " + response.getIndex() + ", beyond the log");
    }
    boolean probeAnswered =
        from.state() == ProgressState.PROBE && response.getIndex() == from.match();
    if (!from.acknowledge(response.getIndex()) && !probeAnswered) {
      return;
    }
    switch (from.state()) {
      case PROBE -> from.becomeReplicate();
      case REPLICATE -> from.inflights().freeTo(response.getIndex());
      case SNAPSHOT -> {
        if (from.snapshotCaughtUp()) {
          from.becomeReplicate();
        }
      }
    }
    advanceCommit(leader);
    if (from.next() <= peer.log.lastIndex()) {
      leader.owe(from, Owed.ENTRIES);
    }
  }

  private void onReject(Leader leader, Progress from, Message response) {
    if (response.getRequestSnapshot() != 0) {
      from.requestSnapshot(response.getRequestSnapshot());
      leader.owe(from, Owed.APPEND);
      return;
    }
    long hint = response.getRejectHint();
    if (response.getLogTerm() > 0) {
      hint =
          peer.log.lastIndexWithTermUpTo(
              Math.min(hint, peer.log.lastIndex()), response.getLogTerm());
    }
    if (from.reject(response.getIndex(), hint)) {
      leader.owe(from, Owed.APPEND);
    }
  }

  /** A sign of life: what may have been lost is sent again. */
  void onHeartbeatResponse(Leader leader, Progress from, Message response) {
    from.setRecentActive(true);
    from.learnCommitted(response.getCommit());
    from.resumeProbe();
    if (from.match() < peer.log.lastIndex() || from.requestedSnapshot() != 0) {
      leader.owe(from, Owed.APPEND);
    }
  }

  /** What was sent to the peer lately may be lost. */
  void onUnreachable(Progress to) {
    if (to.state() == ProgressState.REPLICATE) {
      to.becomeProbe();
    }
  }

  void onSnapshotReported(Progress to, boolean ok) {
    if (to.state() == ProgressState.SNAPSHOT) {
      to.snapshotReported(ok);
    }
  }

  /** Sends everything that is owed and may be sent. */
  void sendOwed(Leader leader) {
    if (!leader.appendsOwed) {
      return;
    }
    leader.appendsOwed = false;
    for (int i = 0; i < leader.progress.size(); i++) {
      Progress to = leader.progress.at(i);
      Owed owed = to.takeOwed();
      if (to.id() != peer.id && owed != Owed.NOTHING) {
        sendTo(to, owed == Owed.APPEND);
      }
    }
  }

  private void sendTo(Progress to, boolean evenEmpty) {
    boolean empty = evenEmpty;
    while (trySend(to, empty)) {
      empty = false;
    }
  }

  private boolean trySend(Progress to, boolean evenEmpty) {
    if (to.isPaused() && !(evenEmpty && to.state() == ProgressState.REPLICATE)) {
      return false;
    }
    if (to.requestedSnapshot() != 0) {
      return sendSnapshot(to);
    }
    boolean full = to.isPaused();
    if (!evenEmpty && to.next() > peer.log.lastIndex()) {
      return false;
    }
    long prevTerm = peer.log.termAt(to.next() - 1);
    if (prevTerm == -1) {
      return sendSnapshot(to);
    }
    List<Entry> entries;
    try {
      entries = full ? List.of() : peer.log.entries(to.next(), peer.config.maxSizePerMessage());
    } catch (CompactedException compacted) {
      return sendSnapshot(to);
    }
    sendAppend(to, prevTerm, entries);
    return !full;
  }

  private void sendAppend(Progress to, long prevTerm, List<Entry> entries) {
    long prev = to.next() - 1;
    Message append =
        peer.message(MessageType.MsgAppend, to.id())
            .setIndex(prev)
            .setLogTerm(prevTerm)
            .addAllEntries(entries)
            .setCommit(peer.log.committed())
            .build();
    long size = 0;
    for (int i = 0; i < entries.size(); i++) {
      size += entries.get(i).getSerializedSize();
    }
    to.sent(prev + entries.size(), size);
    peer.outbox.send(append);
  }

  private boolean sendSnapshot(Progress to) {
    if (!to.recentActive()) {
      return false;
    }
    Snapshot snapshot;
    try {
      snapshot = peer.log.snapshotFor(to.snapshotFloor(), to.id());
    } catch (SnapshotTemporarilyUnavailableException beingMade) {
      return false;
    }
    long index = snapshot.getMetadata().getIndex();
    if (index == 0) {
      throw new RaftInvariantException("storage gave an empty snapshot for peer " + to.id());
    }
    to.becomeSnapshot(index);
    peer.outbox.send(peer.message(MessageType.MsgSnapshot, to.id()).setSnapshot(snapshot).build());
    return false;
  }
}
