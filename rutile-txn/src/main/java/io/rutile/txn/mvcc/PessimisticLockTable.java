package io.rutile.txn.mvcc;

import io.rutile.txn.gate.RegionTxnState;
import io.rutile.txn.record.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Pessimistic locks that a region's leader keeps in memory only. A region whose transaction state
 * is of this type has its locks found by readers and commands as if they stood in the lock family.
 * Safe for use by any thread.
 */
public interface PessimisticLockTable extends RegionTxnState {
  @Nullable Lock lock(byte[] encodedKey);

  /** Shows the locks of [start, end) in key order until {@code visitor} returns false. */
  void scan(byte[] encodedStart, byte[] encodedEnd, Visitor visitor);

  /** Sees one lock after the other. */
  @FunctionalInterface
  interface Visitor {
    /** Whether to go on. */
    boolean visit(byte[] encodedKey, Lock lock);
  }
}
