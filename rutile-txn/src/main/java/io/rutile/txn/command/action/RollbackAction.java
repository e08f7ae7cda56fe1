package io.rutile.txn.command.action;

import io.rutile.base.codec.KeyCodec;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.mvcc.CommitRecord;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rolls one transaction back on one key, and leaves a record of it so that a late prewrite fails.
 *
 * <p>A rollback record stands at the transaction's start_ts. It is protected when somebody relies
 * on it, as those who look at the primary do; unprotected ones are collapsed: a newer one removes
 * the older. Where another transaction's commit occupies that timestamp, a protected rollback is
 * noted on that record, together with a fence so that readers do not take the rewritten record for
 * the newest after newer ones were collected.
 */
public final class RollbackAction {
  /** What to do on a key that knows nothing of the transaction. */
  public enum IfMissing {
    /** Leave a rollback record that may be collapsed, and collapse an older one. */
    ROLL_BACK,
    /** Leave a rollback record that stays. */
    ROLL_BACK_PROTECTED,
    /** Refuse with TxnNotFound. */
    REFUSE
  }

  private RollbackAction() {}

  /**
   * Rolls back a lock that is there.
   *
   * @param record what stands in the lock family
   * @param own the transaction's lock: the record itself or a member of it
   * @param collapse whether to remove an older unprotected rollback record
   */
  public static void rollBackLock(
      TxnChanges changes,
      MvccReader reader,
      byte[] encodedKey,
      LockRecord record,
      Lock own,
      boolean collapse) {
    long startTs = own.startTs();
    CommitRecord found = reader.commitRecord(encodedKey, startTs);
    if (found.committedTs() != 0 && !own.isPessimistic()) {
      throw new TxnError.Committed(startTs, found.committedTs(), KeyCodec.decode(encodedKey))
          .exception();
    }
    if (found instanceof CommitRecord.None none) {
      if (own.type() == LockType.PUT && own.shortValue() == null) {
        changes.deleteValue(encodedKey, startTs);
      }
      boolean isProtected = own.generation() > 0 || own.isPrimary(KeyCodec.decode(encodedKey));
      putRollback(changes, encodedKey, startTs, isProtected, none.overlapped());
      if (collapse) {
        collapsePrevious(changes, reader, encodedKey, startTs);
      }
    }
    changes.unlock(encodedKey, record, own, 0);
  }

  /**
   * Finds out what became of a transaction that has no lock on a key, and rolls it back if nothing
   * did.
   *
   * @param mismatch the lock of another transaction that stands there, or null
   */
  public static TxnFate fateWithoutLock(
      TxnChanges changes,
      MvccReader reader,
      byte[] encodedKey,
      long startTs,
      @Nullable LockRecord mismatch,
      IfMissing ifMissing,
      boolean resolvingPessimisticLock) {
    CommitRecord found = reader.commitRecord(encodedKey, startTs);
    if (found.committedTs() != 0) {
      return new TxnFate.Committed(found.committedTs());
    }
    if (!(found instanceof CommitRecord.None none)) {
      return TxnFate.ROLLED_BACK;
    }
    if (ifMissing == IfMissing.REFUSE) {
      throw new TxnError.TxnNotFound(startTs, KeyCodec.decode(encodedKey)).exception();
    }
    if (resolvingPessimisticLock) {
      return TxnFate.LEFT_ALONE;
    }
    boolean isProtected = ifMissing == IfMissing.ROLL_BACK_PROTECTED;
    if (!isProtected) {
      collapsePrevious(changes, reader, encodedKey, startTs);
    }
    if (none.overlapped() == null) {
      noteOnOthersLock(changes, encodedKey, startTs, mismatch, isProtected);
    }
    putRollback(changes, encodedKey, startTs, isProtected, none.overlapped());
    return TxnFate.ROLLED_BACK_NOW;
  }

  /**
   * Makes sure that a transaction without a prewritten lock on a key never gets one: drops its
   * pessimistic lock and leaves a protected rollback, unless its end is on record already.
   *
   * @param record what stands in the lock family, or null
   * @return what was on record before
   */
  public static CommitRecord forbid(
      TxnChanges changes,
      MvccReader reader,
      byte[] encodedKey,
      long startTs,
      @Nullable LockRecord record) {
    CommitRecord found = reader.commitRecord(encodedKey, startTs);
    Lock own = Locks.own(record, startTs);
    if (record != null && own != null) {
      changes.unlock(encodedKey, record, own, 0);
    }
    if (found instanceof CommitRecord.None none) {
      if (own == null) {
        noteOnOthersLock(changes, encodedKey, startTs, record, true);
      }
      putRollback(changes, encodedKey, startTs, true, none.overlapped());
      collapsePrevious(changes, reader, encodedKey, startTs);
    }
    return found;
  }

  /**
   * A protected rollback must survive the commit of another transaction at its timestamp. An async
   * commit that may still get that commit_ts carries the note in its lock.
   */
  static void noteOnOthersLock(
      TxnChanges changes,
      byte[] encodedKey,
      long startTs,
      @Nullable LockRecord mismatch,
      boolean isProtected) {
    if (isProtected
        && mismatch instanceof Lock lock
        && lock.useAsyncCommit()
        && Long.compareUnsigned(lock.minCommitTs(), startTs) <= 0) {
      long[] noted = Arrays.copyOf(lock.rollbackTs(), lock.rollbackTs().length + 1);
      noted[noted.length - 1] = startTs;
      changes.putLock(encodedKey, lock.toBuilder().rollbackTs(noted).build());
    }
  }

  static void putRollback(
      TxnChanges changes,
      byte[] encodedKey,
      long startTs,
      boolean isProtected,
      CommitRecord.@Nullable Overlapped overlapped) {
    if (overlapped == null) {
      changes.putWrite(encodedKey, startTs, Write.rollback(startTs, isProtected));
    } else if (isProtected) {
      changes.putWrite(
          encodedKey, startTs, overlapped.write().withOverlappedRollback(overlapped.gcFence()));
    }
  }

  static void collapsePrevious(
      TxnChanges changes, MvccReader reader, byte[] encodedKey, long startTs) {
    VersionedWrite previous = reader.newestWrite(encodedKey, startTs);
    if (previous != null
        && previous.write().type() == WriteType.ROLLBACK
        && !previous.write().isProtectedRollback()) {
      changes.deleteWrite(encodedKey, previous.commitTs());
    }
  }
}
