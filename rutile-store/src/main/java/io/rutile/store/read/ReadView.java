package io.rutile.store.read;

import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionTxnState;

/**
 * A peer as readers see it, published by its store loop whenever one of these facts changes.
 * Immutable but for the lease, which has its own rules.
 *
 * @param leader whether the peer leads the region in {@code term}
 * @param leaderId the leader it knows of, 0 for none
 * @param appliedTerm term of the newest applied entry: a leader reads locally only once an entry of
 *     its own term is applied, for then everything committed before it is
 * @param maxTsSynced whether max_ts was brought up to the oracle since the peer began to lead
 * @param flashbackStartTs start_ts of a running flashback, which alone may read; 0 when there is
 *     none
 * @param txnState transaction state of this leadership
 * @param safeTs what stale reads may count on
 */
public record ReadView(
    RegionImage image,
    boolean leader,
    long term,
    long leaderId,
    long appliedTerm,
    boolean maxTsSynced,
    long flashbackStartTs,
    LeaderLease lease,
    RegionTxnState txnState,
    SafeTs safeTs) {

  /** Whether a read at {@code nowNanos} needs no word with the group. */
  public boolean leasedAt(long nowNanos) {
    return leader && appliedTerm == term && lease.validAt(nowNanos);
  }
}
