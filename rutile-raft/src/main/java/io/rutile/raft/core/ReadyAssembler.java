package io.rutile.raft.core;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.Snapshot;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Puts together what is new since the last Ready, and follows which Readys are durable. Owns what
 * was handed over last.
 */
final class ReadyAssembler {
  private record PendingVote(long number, long term, long vote) {}

  private final PeerState peer;
  private final Elections elections;
  private final Replication replication;
  private final Reads reads;
  private final ArrayDeque<PendingVote> votes = new ArrayDeque<>();

  private long lastNumber;
  private long lastPersisted;
  private SoftState softState;
  private long term;
  private long vote;
  private long commit;

  ReadyAssembler(PeerState peer, Elections elections, Replication replication, Reads reads) {
    this.peer = peer;
    this.elections = elections;
    this.replication = replication;
    this.reads = reads;
    this.softState = new SoftState(0, RaftRole.FOLLOWER);
    this.term = peer.term();
    this.vote = peer.vote();
    this.commit = peer.log.committed();
  }

  boolean hasReady() {
    if (peer.role instanceof Leader leader && (leader.appendsOwed || leader.heartbeatOwed)) {
      return true;
    }
    return !peer.outbox.isEmpty()
        || peer.log.hasUnwritten()
        || peer.log.hasEntriesToApply()
        || peer.hasReadStates()
        || hardStateChanged()
        || softStateChanged();
  }

  private boolean softStateChanged() {
    return softState.role() != peer.role.kind() || softState.leaderId() != peer.leaderId();
  }

  private boolean voteChanged() {
    return term != peer.term() || vote != peer.vote();
  }

  private boolean hardStateChanged() {
    return voteChanged() || commit != peer.log.committed();
  }

  Ready ready() {
    long heartbeatRound = 0;
    if (peer.role instanceof Leader leader) {
      replication.sendOwed(leader);
      heartbeatRound = reads.sendOwed(leader);
    }
    long number = ++lastNumber;
    boolean voteChanged = voteChanged();
    HardState hardState = hardStateChanged() ? takeHardState(number, voteChanged) : null;
    SoftState newSoftState = softStateChanged() ? takeSoftState() : null;
    Snapshot snapshot = peer.log.snapshotToWrite();
    List<Entry> entries = peer.log.entriesToWrite();
    peer.log.handedOver(number);
    List<Entry> committed = peer.log.entriesToApply(peer.config.maxCommittedSizePerReady());
    replication.entriesCommitted(committed);
    List<Message> messages = peer.outbox.take();
    return new Ready(
        number,
        newSoftState,
        hardState,
        peer.takeReadStates(),
        entries,
        snapshot,
        committed,
        messages,
        peer.outbox.takeAfterWrite(),
        voteChanged || snapshot != null || !entries.isEmpty(),
        heartbeatRound);
  }

  private HardState takeHardState(long number, boolean voteChanged) {
    term = peer.term();
    vote = peer.vote();
    commit = peer.log.committed();
    if (voteChanged) {
      votes.add(new PendingVote(number, term, vote));
    }
    return HardState.newBuilder().setTerm(term).setVote(vote).setCommit(commit).build();
  }

  private SoftState takeSoftState() {
    softState = new SoftState(peer.leaderId(), peer.role.kind());
    return softState;
  }

  void onPersisted(long number) {
    if (number > lastNumber) {
      throw new IllegalArgumentException(
          "Ready " + number + " cannot be durable, the last one is " + lastNumber);
    }
    if (number <= lastPersisted) {
      return;
    }
    lastPersisted = number;
    if (peer.log.onPersisted(number) && peer.role instanceof Leader leader) {
      replication.onPersisted(leader);
    }
    PendingVote pending = votes.peek();
    while (pending != null && pending.number <= number) {
      votes.remove();
      elections.onVoteDurable(pending.term, pending.vote);
      pending = votes.peek();
    }
  }
}
