package io.rutile.txn.lockwait;

import com.google.protobuf.ByteString;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.gate.RegionErrorException;

/**
 * A request for a pessimistic lock as the wait queues see it.
 *
 * @param rawKey the contended key
 * @param startTs of the waiting transaction
 * @param primary its primary key
 * @param firstLock the transaction holds no lock yet, so it cannot be part of a cycle
 * @param shared it wants to share the lock
 * @param resumable it is run again when the lock is free, rather than refused with a conflict
 * @param tag names the resource group in reports of waits
 */
record WaitRequest(
    long regionId,
    byte[] encodedKey,
    byte[] rawKey,
    long startTs,
    byte[] primary,
    boolean firstLock,
    boolean shared,
    boolean resumable,
    ByteString tag,
    Answers answers) {

  /** How the request ends or goes on. Called once in all, outside of any monitor. */
  interface Answers {
    void refuse(TxnError error);

    void refuse(RegionErrorException error);

    /** Runs the request again; calls {@code notLocked} if it ends without holding the lock. */
    void resume(Runnable notLocked);
  }
}
