package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.raft.log.RaftStorage;

/**
 * One peer of one Raft group: the interface of the core to its driver. See {@link Ready} for the
 * driver's duties.
 *
 * <p>Owned by: one thread at a time. No method blocks, none does I/O but through {@link
 * RaftStorage}. When a method throws something else than its declared exceptions, an invariant
 * broke: the driver must stop the group.
 */
public final class RaftNode {
  public RaftNode(RaftConfig config, RaftStorage storage) {
    throw unfinished();
  }

  private static RuntimeException unfinished() {
    return new UnsupportedOperationException("being built");
  }

  /** Time passes. A quiesced node does not notice. */
  public void tick() {
    throw unfinished();
  }

  /**
   * Starts an election now, if this peer is a voter, not the leader and has no conf change to
   * apply. Even the only voter becomes leader not before its vote is durable.
   */
  public void campaign() {
    throw unfinished();
  }

  /**
   * Takes a peer's message. One that is stale or makes no sense for the current role is dropped, as
   * if the network had lost it. Wakes a quiesced node.
   *
   * @throws RaftException when the message's type is one that no peer sends
   */
  public void step(Message message) {
    throw unfinished();
  }

  /**
   * Appends a proposal to the leader's log. It is sent to the peers with the next {@code ready()},
   * together with all others proposed by then.
   *
   * @return the index that the entry has if this leader commits it
   * @throws ProposalDroppedException when it was not appended
   */
  public long propose(ByteString context, ByteString data) {
    throw unfinished();
  }

  /**
   * Proposes a change of members; an empty one leaves a joint configuration. The change takes
   * effect when the driver applies its entry by {@link #applyConfChange}.
   *
   * @return the index that the entry has if this leader commits it
   * @throws ProposalDroppedException when it was not appended
   */
  public long proposeConfChange(ByteString context, ConfChangeV2 change) {
    throw unfinished();
  }

  /**
   * Takes over a committed change of members. To be called for each applied conf change entry,
   * before {@link #advanceApplied} passes it, unless the state machine rejected the change.
   *
   * @return the configuration to be stored with the applied index
   * @throws RaftException when the change does not fit the configuration
   */
  public ConfState applyConfChange(ConfChangeV2 change) {
    throw unfinished();
  }

  /**
   * Asks for an index that a linearizable read has to wait for; it comes as a {@link ReadState}
   * with the same context. A follower or learner asks its leader. The request gets lost when no
   * leader is known, when leadership changes, or on the way: the driver asks again after some time.
   */
  public void readIndex(ByteString context) {
    throw unfinished();
  }

  /**
   * Hands leadership to {@code transferee} (thesis 3.10). Proposals are dropped until that is done
   * or an election timeout has passed. On a follower the request is forwarded to the leader.
   */
  public void transferLeader(long transferee) {
    throw unfinished();
  }

  /** A leader sends heartbeats at once. */
  public void ping() {
    throw unfinished();
  }

  /** The last message to that peer may be lost. */
  public void reportUnreachable(long peer) {
    throw unfinished();
  }

  /** The snapshot sent to that peer has been applied there, or has failed. */
  public void reportSnapshot(long peer, boolean ok) {
    throw unfinished();
  }

  /**
   * A follower that cannot use its data asks its leader for a snapshot.
   *
   * @throws RaftException when it cannot ask now
   */
  public void requestSnapshot() {
    throw unfinished();
  }

  /** Whether {@link #ready()} would return something to do. */
  public boolean hasReady() {
    throw unfinished();
  }

  /** Hands over everything new. */
  public Ready ready() {
    throw unfinished();
  }

  /** The Readys up to this number are durable, and {@link RaftStorage} shows them. */
  public void onPersisted(long readyNumber) {
    throw unfinished();
  }

  /**
   * The state machine has applied the log up to {@code index}. Never goes back, never beyond what
   * was handed over.
   */
  public void advanceApplied(long index) {
    throw unfinished();
  }

  /** A copy of the node's state. Allocates: for reports, not for hot paths. */
  public RaftStatus status() {
    throw unfinished();
  }

  public long id() {
    throw unfinished();
  }

  public RaftRole role() {
    throw unfinished();
  }

  public boolean isLeader() {
    throw unfinished();
  }

  public long term() {
    throw unfinished();
  }

  /** The leader this peer knows of, 0 for none. */
  public long leaderId() {
    throw unfinished();
  }

  public long commitIndex() {
    throw unfinished();
  }

  public long appliedIndex() {
    throw unfinished();
  }

  public long lastIndex() {
    throw unfinished();
  }

  /** Last index whose durability has been reported. */
  public long persistedIndex() {
    throw unfinished();
  }

  public ConfState confState() {
    throw unfinished();
  }

  /**
   * Stops time for an idle peer: {@link #tick()} has no effect until {@link #wake()} or any input.
   * A leader's lease ends.
   */
  public void quiesce() {
    throw unfinished();
  }

  /** Time goes on; the election timeout begins anew. */
  public void wake() {
    throw unfinished();
  }

  public boolean isQuiesced() {
    throw unfinished();
  }

  public void setPriority(long priority) {
    throw unfinished();
  }

  /** Target of a running leadership transfer, 0 for none. */
  public long leaderTransferee() {
    throw unfinished();
  }

  /**
   * Whether this leader may read its state machine without asking the others: a quorum has answered
   * a heartbeat that left less than a lease ago, and each of them grants no vote within an election
   * timeout of it. The lease is an election timeout less a tenth and one tick.
   *
   * <p>Assumes that (1) every peer's ticks are fed from a clock whose rate differs by less than a
   * tenth from the others', and (2) ticks that were missed, say by a pause of the process, have
   * been fed before this is asked. A driver that cannot promise the second keeps its own lease by
   * {@link #confirmedRound()} and a monotonic clock. False once the leader has told a peer to take
   * over, for the rest of the term: such a message may arrive late, and it overrides what leases
   * rest on.
   */
  public boolean inLease() {
    throw unfinished();
  }

  /**
   * The last heartbeat round that a quorum has answered, see {@link Ready#heartbeatRound()}. Starts
   * anew at 0 with each term of leadership.
   */
  public long confirmedRound() {
    throw unfinished();
  }

  /** Whether the leader told a peer to take over in this term, so that no lease of it counts. */
  public boolean leaseRevoked() {
    throw unfinished();
  }

  /** Whether the commit index has reached the leader's own term: it may then serve reads. */
  public boolean commitToCurrentTerm() {
    throw unfinished();
  }

  /** Whether a leader's log may hold a conf change that is not applied. */
  public boolean hasPendingConf() {
    throw unfinished();
  }

  /** Whether this peer is a voter that can campaign. */
  public boolean promotable() {
    throw unfinished();
  }
}
