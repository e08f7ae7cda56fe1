package io.rutile.txn.command.action;

import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.txn.command.action.RollbackAction.IfMissing;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import org.jspecify.annotations.Nullable;

/** Rolls a transaction back on a key, whether its lock is there or not. */
public final class CleanupAction {
  private CleanupAction() {}

  /** Whether the lock has outlived its time; a current timestamp of 0 never tells so. */
  public static boolean isExpired(Lock lock, long currentTs) {
    return TimeStamp.physicalMillis(lock.startTs()) + lock.ttl()
        < TimeStamp.physicalMillis(currentTs);
  }

  /**
   * Rolls back.
   *
   * @param record what stands in the lock family, or null
   * @param currentTs refuses with the lock unless it has expired by then; 0 for whatever its age
   * @param protect whether the rollback must stay on record
   * @throws io.rutile.txn.error.TxnException KeyIsLocked, Committed
   */
  public static void cleanUp(
      TxnChanges changes,
      MvccReader reader,
      byte[] encodedKey,
      @Nullable LockRecord record,
      long startTs,
      long currentTs,
      boolean protect) {
    Lock own = Locks.own(record, startTs);
    if (record != null && own != null) {
      if (currentTs != 0 && !isExpired(own, currentTs)) {
        throw new TxnError.KeyIsLocked(LockInfos.of(KeyCodec.decode(encodedKey), own)).exception();
      }
      RollbackAction.rollBackLock(changes, reader, encodedKey, record, own, !protect);
      return;
    }
    TxnFate fate =
        RollbackAction.fateWithoutLock(
            changes,
            reader,
            encodedKey,
            startTs,
            record,
            protect ? IfMissing.ROLL_BACK_PROTECTED : IfMissing.ROLL_BACK,
            false);
    if (fate instanceof TxnFate.Committed committed) {
      throw new TxnError.Committed(startTs, committed.commitTs(), KeyCodec.decode(encodedKey))
          .exception();
    }
  }
}
