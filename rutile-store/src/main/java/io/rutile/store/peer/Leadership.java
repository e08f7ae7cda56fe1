package io.rutile.store.peer;

import io.rutile.raft.core.RaftNode;
import io.rutile.store.read.LeaderLease;
import io.rutile.txn.gate.RegionTxnState;
import java.util.ArrayDeque;

/**
 * What a peer holds only while it leads: its lease, the state of transactions, whether max_ts is in
 * step with the oracle. Owned by: store loop.
 *
 * <p>The lease is fed by two kinds of evidence that a quorum still follows: a heartbeat round that
 * was answered, and a proposal that was committed. Both count from the moment before the message
 * left. A lone voter needs no evidence.
 */
final class Leadership {
  private record Round(long number, long sentNanos) {}

  private final StoreContext store;
  private final ArrayDeque<Round> rounds = new ArrayDeque<>();
  private LeaderLease lease;
  private RegionTxnState txnState = RegionTxnState.NONE;
  private boolean leading;
  private boolean maxTsSynced;
  private long maxTsRound;
  private long term;

  Leadership(StoreContext store) {
    this.store = store;
    this.lease = newLease();
  }

  boolean leading() {
    return leading;
  }

  /** Term of the present or last leadership. */
  long term() {
    return term;
  }

  LeaderLease lease() {
    return lease;
  }

  RegionTxnState txnState() {
    return txnState;
  }

  boolean maxTsSynced() {
    return maxTsSynced;
  }

  void begin(long regionId, long newTerm) {
    leading = true;
    term = newTerm;
    rounds.clear();
    lease.revoke();
    lease = newLease();
    txnState = store.hooks().newTxnState(regionId, newTerm);
    maxTsBehind();
  }

  void end() {
    leading = false;
    rounds.clear();
    lease.revoke();
    txnState = RegionTxnState.NONE;
    maxTsSynced = false;
  }

  /** Another region was taken in, whose reads max_ts may not cover. */
  void maxTsBehind() {
    maxTsSynced = false;
    maxTsRound++;
  }

  /** Tells timestamps that are asked for now from those that were asked for before. */
  long maxTsRound() {
    return maxTsRound;
  }

  void onMaxTsSynced(long round) {
    if (leading && round == maxTsRound) {
      maxTsSynced = true;
    }
  }

  void onRoundSent(long number, long sentNanos) {
    rounds.add(new Round(number, sentNanos));
  }

  /** Looks at what the node has learnt since. */
  void onProgress(RaftNode node, long nowNanos) {
    if (!leading) {
      return;
    }
    if (node.leaseRevoked()) {
      lease.revoke();
      return;
    }
    long confirmed = node.confirmedRound();
    while (!rounds.isEmpty() && rounds.peekFirst().number() <= confirmed) {
      lease.extend(rounds.removeFirst().sentNanos());
    }
    if (loneVoter(node)) {
      lease.extend(nowNanos);
    }
  }

  /** An own proposal made at {@code proposedNanos} was committed. */
  void onCommitted(RaftNode node, long proposedTerm, long proposedNanos) {
    if (leading && proposedTerm == term && !node.leaseRevoked()) {
      lease.extend(proposedNanos);
    }
  }

  private static boolean loneVoter(RaftNode node) {
    return node.confState().getVotersCount() == 1
        && node.confState().getVotersOutgoingCount() == 0
        && node.confState().getVoters(0) == node.id();
  }

  private LeaderLease newLease() {
    return new LeaderLease(store.config().election().maxLeaderLease().toNanos());
  }
}
