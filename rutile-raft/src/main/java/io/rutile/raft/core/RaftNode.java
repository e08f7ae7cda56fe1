package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.eraftpb.Message;
import io.rutile.raft.core.ProposalDroppedException.Reason;
import io.rutile.raft.log.RaftStorage;
import io.rutile.raft.readonly.ReadRequest;
import io.rutile.raft.tracker.Progress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One peer of one Raft group: the interface of the core to its driver. See {@link Ready} for the
 * driver's duties.
 *
 * <p>Owned by: one thread at a time. No method blocks, none does I/O but through {@link
 * RaftStorage}. When a method throws something else than its declared exceptions, an invariant
 * broke: the driver must stop the group.
 */
public final class RaftNode {
  private final PeerState peer;
  private final Elections elections;
  private final Following following;
  private final Replication replication;
  private final Reads reads;
  private final Transfers transfers;
  private final Membership membership;
  private final LeaderTimer leaderTimer;
  private final Inbox inbox;
  private final ReadyAssembler assembler;

  /**
   * A follower with what {@code storage} holds.
   *
   * @throws io.rutile.raft.log.RaftInvariantException when the log lacks what was committed
   * @throws io.rutile.raft.confchange.ConfChangeException when the stored configuration is
   *     impossible
   */
  public RaftNode(RaftConfig config, RaftStorage storage) {
    this.peer = new PeerState(config, storage);
    this.reads = new Reads(peer);
    this.replication = new Replication(peer, reads);
    this.elections = new Elections(peer, replication);
    this.following = new Following(peer, elections);
    this.transfers = new Transfers(peer);
    this.membership = new Membership(peer, elections, replication, reads);
    this.leaderTimer = new LeaderTimer(peer, elections);
    this.inbox = new Inbox(peer, elections, following, replication, reads, transfers);
    this.assembler = new ReadyAssembler(peer, elections, replication, reads);
  }

  /** Time passes. A quiesced node does not notice. */
  public void tick() {
    if (peer.quiesced) {
      return;
    }
    peer.now++;
    if (peer.role instanceof Leader leader) {
      leaderTimer.tick(leader);
    } else {
      elections.tick();
    }
  }

  /**
   * Starts an election now, if this peer is a voter, not the leader and has no conf change to
   * apply. Even the only voter becomes leader not before its vote is durable.
   */
  public void campaign() {
    wake();
    elections.campaign();
  }

  /**
   * Takes a peer's message. One that is stale or makes no sense for the current role is dropped, as
   * if the network had lost it. Wakes a quiesced node.
   *
   * @throws RaftException when the message's type is one that no peer sends
   */
  public void step(Message message) {
    wake();
    inbox.step(message);
  }

  /**
   * Appends a proposal to the leader's log. It is sent to the peers with the next {@code ready()},
   * together with all others proposed by then.
   *
   * @return the index that the entry has if this leader commits it
   * @throws ProposalDroppedException when it was not appended
   */
  public long propose(ByteString context, ByteString data) {
    wake();
    return replication.propose(proposalLeader(), EntryType.EntryNormal, context, data);
  }

  /**
   * Proposes a change of members; an empty one leaves a joint configuration. The change takes
   * effect when the driver applies its entry by {@link #applyConfChange}.
   *
   * @return the index that the entry has if this leader commits it
   * @throws ProposalDroppedException when it was not appended
   */
  public long proposeConfChange(ByteString context, ConfChangeV2 change) {
    wake();
    return membership.propose(proposalLeader(), context, change);
  }

  /**
   * Takes over a committed change of members. To be called for each applied conf change entry,
   * before {@link #advanceApplied} passes it, unless the state machine rejected the change.
   *
   * @return the configuration to be stored with the applied index
   * @throws RaftException when the change does not fit the configuration
   */
  public ConfState applyConfChange(ConfChangeV2 change) {
    return membership.apply(change);
  }

  /**
   * Asks for an index that a linearizable read has to wait for; it comes as a {@link ReadState}
   * with the same context. A follower or learner asks its leader. The request gets lost when no
   * leader is known, when leadership changes, or on the way: the driver asks again after some time.
   */
  public void readIndex(ByteString context) {
    wake();
    if (peer.role instanceof Leader leader) {
      reads.onRequest(leader, new ReadRequest(peer.id, context));
    } else {
      following.forwardReadIndex(context);
    }
  }

  /**
   * Hands leadership to {@code transferee} (thesis 3.10). Proposals are dropped until that is done
   * or an election timeout has passed. On a follower the request is forwarded to the leader.
   */
  public void transferLeader(long transferee) {
    wake();
    if (peer.role instanceof Leader leader) {
      transfers.begin(leader, transferee);
    } else {
      following.forwardTransfer(transferee);
    }
  }

  /** A leader sends heartbeats at once. */
  public void ping() {
    wake();
    if (peer.role instanceof Leader leader) {
      leader.heartbeatOwed = true;
    }
  }

  /** The last message to that peer may be lost. */
  public void reportUnreachable(long peerId) {
    Progress progress = progressOf(peerId);
    if (progress != null) {
      replication.onUnreachable(progress);
    }
  }

  /** The snapshot sent to that peer has been applied there, or has failed. */
  public void reportSnapshot(long peerId, boolean ok) {
    Progress progress = progressOf(peerId);
    if (progress != null) {
      replication.onSnapshotReported(progress, ok);
    }
  }

  /**
   * A follower that cannot use its data asks its leader for a snapshot.
   *
   * @throws RaftException when it cannot ask now
   */
  public void requestSnapshot() {
    following.requestSnapshot();
  }

  /**
   * Takes entries that are known to be committed, from another source than the leader, and commits
   * up to {@code commit}: a peer whose group ends, because it was merged, gets the end of its log
   * so when no leader of it is left.
   *
   * @param entries contiguous, the last at {@code commit}; may be empty when the log has them
   * @return false when the log does not reach up to them yet
   * @throws io.rutile.raft.log.RaftInvariantException when they contradict what is committed here
   */
  public boolean catchUp(List<Entry> entries, long commit) {
    wake();
    return following.catchUp(entries, commit);
  }

  /** Whether {@link #ready()} would return something to do. */
  public boolean hasReady() {
    return assembler.hasReady();
  }

  /** Hands over everything new. */
  public Ready ready() {
    return assembler.ready();
  }

  /** The Readys up to this number are durable, and {@link RaftStorage} shows them. */
  public void onPersisted(long readyNumber) {
    assembler.onPersisted(readyNumber);
  }

  /**
   * The state machine has applied the log up to {@code index}. Never goes back, never beyond what
   * was handed over.
   */
  public void advanceApplied(long index) {
    peer.log.appliedTo(index);
    if (peer.role instanceof Leader leader) {
      membership.onApplied(leader);
    }
  }

  /** A copy of the node's state. Allocates: for reports, not for hot paths. */
  public RaftStatus status() {
    List<PeerProgress> progress = new ArrayList<>();
    if (peer.role instanceof Leader leader) {
      for (int i = 0; i < leader.progress.size(); i++) {
        progress.add(describe(leader.progress.at(i)));
      }
    }
    return new RaftStatus(
        peer.id,
        peer.role.kind(),
        peer.term(),
        peer.vote(),
        peer.leaderId(),
        peer.log.committed(),
        peer.log.applied(),
        peer.log.lastIndex(),
        peer.log.persisted(),
        leaderTransferee(),
        peer.role instanceof Leader leader ? leader.pendingConfIndex : 0,
        peer.configuration.toConfState(),
        List.copyOf(progress));
  }

  public long id() {
    return peer.id;
  }

  public RaftRole role() {
    return peer.role.kind();
  }

  public boolean isLeader() {
    return peer.role instanceof Leader;
  }

  public long term() {
    return peer.term();
  }

  /** The leader this peer knows of, 0 for none. */
  public long leaderId() {
    return peer.leaderId();
  }

  public long commitIndex() {
    return peer.log.committed();
  }

  public long appliedIndex() {
    return peer.log.applied();
  }

  public long lastIndex() {
    return peer.log.lastIndex();
  }

  /** Last index whose durability has been reported. */
  public long persistedIndex() {
    return peer.log.persisted();
  }

  public ConfState confState() {
    return peer.configuration.toConfState();
  }

  /**
   * Stops time for an idle peer: {@link #tick()} has no effect until {@link #wake()} or any input.
   * A leader's lease ends.
   */
  public void quiesce() {
    peer.quiesced = true;
    if (peer.role instanceof Leader leader) {
      leader.lease.expire();
    }
  }

  /**
   * Time goes on; the election timeout begins anew. A leader sends heartbeats at once, and gives
   * the others an election timeout to answer them.
   */
  public void wake() {
    if (peer.quiesced) {
      peer.quiesced = false;
      peer.electionElapsed = 0;
      if (peer.role instanceof Leader leader) {
        leader.ticksSinceQuorumCheck = 0;
        leader.heartbeatOwed = true;
      }
    }
  }

  public boolean isQuiesced() {
    return peer.quiesced;
  }

  public void setPriority(long priority) {
    peer.priority = priority;
  }

  /** Target of a running leadership transfer, 0 for none. */
  public long leaderTransferee() {
    return peer.role instanceof Leader leader ? leader.transferee : 0;
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
    return peer.role instanceof Leader leader
        && peer.config.checkQuorum()
        && peer.commitToCurrentTerm()
        && leader.lease.isValid(peer.now);
  }

  /**
   * The last heartbeat round that a quorum has answered, see {@link Ready#heartbeatRound()}. Starts
   * anew at 0 with each term of leadership.
   */
  public long confirmedRound() {
    return peer.role instanceof Leader leader ? leader.lease.confirmedRound() : 0;
  }

  /** Whether the leader told a peer to take over in this term, so that no lease of it counts. */
  public boolean leaseRevoked() {
    return peer.role instanceof Leader leader && leader.lease.isRevoked();
  }

  /** Whether the commit index has reached the leader's own term: it may then serve reads. */
  public boolean commitToCurrentTerm() {
    return peer.commitToCurrentTerm();
  }

  /** Whether a leader's log may hold a conf change that is not applied. */
  public boolean hasPendingConf() {
    return peer.role instanceof Leader leader && replication.hasPendingConf(leader);
  }

  /** Whether this peer is a voter that can campaign. */
  public boolean promotable() {
    return peer.promotable();
  }

  private Leader proposalLeader() {
    if (!(peer.role instanceof Leader leader)) {
      throw new ProposalDroppedException(Reason.NOT_LEADER);
    }
    if (leader.transferee != 0) {
      throw new ProposalDroppedException(Reason.TRANSFERRING_LEADER);
    }
    return leader;
  }

  private @Nullable Progress progressOf(long peerId) {
    return peer.role instanceof Leader leader ? leader.progress.get(peerId) : null;
  }

  private PeerProgress describe(Progress progress) {
    return new PeerProgress(
        progress.id(),
        progress.match(),
        progress.next(),
        progress.state(),
        progress.committed(),
        progress.pendingSnapshot(),
        progress.recentActive(),
        progress.inflights().count(),
        progress.inflights().bytes(),
        !peer.configuration.isVoter(progress.id()));
  }
}
