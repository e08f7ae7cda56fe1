package io.rutile.txn.command.action;

import io.rutile.base.codec.KeyCodec;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * Commits one transaction on one key. In the common case, the lock is there, this reads nothing but
 * the lock.
 */
public final class CommitAction {
  private CommitAction() {}

  /**
   * Turns the lock into a commit record; succeeds without a change when that was done before.
   *
   * @param record what stands in the lock family, or null
   * @throws io.rutile.txn.error.TxnException CommitTsExpired, TxnLockNotFound
   */
  public static void commit(
      TxnChanges changes,
      MvccReader reader,
      byte[] encodedKey,
      @Nullable LockRecord record,
      long startTs,
      long commitTs) {
    Lock own = Locks.own(record, startTs);
    if (record == null || own == null) {
      if (reader.commitRecord(encodedKey, startTs).committedTs() == 0) {
        throw new TxnError.TxnLockNotFound(startTs, commitTs, KeyCodec.decode(encodedKey), null)
            .exception();
      }
      return;
    }
    if (Long.compareUnsigned(commitTs, own.minCommitTs()) < 0) {
      throw new TxnError.CommitTsExpired(
              startTs, commitTs, KeyCodec.decode(encodedKey), own.minCommitTs())
          .exception();
    }
    WriteType type = own.type().writeType();
    if (type == null) {
      // A pessimistic lock that came late or was forgotten protects nothing any more.
      changes.unlock(encodedKey, record, own, 0);
      return;
    }
    changes.putWrite(encodedKey, commitTs, write(own, type, commitTs));
    changes.unlock(encodedKey, record, own, commitTs);
  }

  /** The commit record of a lock. */
  static Write write(Lock lock, WriteType type, long commitTs) {
    boolean overlapped = false;
    for (long rolledBack : lock.rollbackTs()) {
      overlapped |= rolledBack == commitTs;
    }
    return new Write(
        type,
        lock.startTs(),
        lock.shortValue(),
        overlapped,
        null,
        lock.lastChange(),
        lock.txnSource());
  }
}
