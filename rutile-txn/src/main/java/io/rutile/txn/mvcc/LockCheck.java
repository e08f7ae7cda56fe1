package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.kvrpcpb.IsolationLevel;
import io.rutile.proto.kvrpcpb.WriteConflict;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.SharedLocks;

/** Whether a lock stands in the way of a read. The same rule holds for locks in memory. */
public final class LockCheck {
  /** What a read does about a lock that does not block it. */
  public enum Verdict {
    IGNORE,
    /** The value is in the lock: its transaction is known to be committed. */
    READ_THROUGH
  }

  private LockCheck() {}

  /**
   * Judges one lock.
   *
   * @throws TxnException KeyIsLocked, or a conflict for reads that check timestamps only
   */
  public static Verdict check(byte[] encodedKey, LockRecord record, ReadSpec spec) {
    return switch (record) {
      case SharedLocks _ -> Verdict.IGNORE;
      case Lock lock -> check(encodedKey, lock, spec);
    };
  }

  /** Judges a lock of one transaction; see {@link #check(byte[], LockRecord, ReadSpec)}. */
  public static Verdict check(byte[] encodedKey, Lock lock, ReadSpec spec) {
    return switch (spec.isolation()) {
      case RC, UNRECOGNIZED -> Verdict.IGNORE;
      case SI -> checkSnapshot(encodedKey, lock, spec);
      case RCCheckTS -> checkTimestamps(encodedKey, lock, spec);
    };
  }

  private static Verdict checkSnapshot(byte[] encodedKey, Lock lock, ReadSpec spec) {
    long readTs = spec.readTs();
    if (Long.compareUnsigned(lock.startTs(), readTs) > 0
        || lock.type() == LockType.LOCK
        || lock.type() == LockType.PESSIMISTIC
        || Long.compareUnsigned(lock.minCommitTs(), readTs) > 0
        || spec.resolvedLocks().contains(lock.startTs())) {
      return Verdict.IGNORE;
    }
    byte[] rawKey = KeyCodec.decode(encodedKey);
    if (TimeStamp.isMax(readTs)
        && !spec.replicaRead()
        && !lock.useAsyncCommit()
        && !lock.useOnePc()
        && lock.isPrimary(rawKey)) {
      return Verdict.IGNORE;
    }
    if (spec.committedLocks().contains(lock.startTs()) && !spec.needCommitTs()) {
      return Verdict.READ_THROUGH;
    }
    throw new TxnError.KeyIsLocked(LockInfos.of(rawKey, lock)).exception();
  }

  private static Verdict checkTimestamps(byte[] encodedKey, Lock lock, ReadSpec spec) {
    if ((lock.type() != LockType.PUT && lock.type() != LockType.DELETE)
        || spec.resolvedLocks().contains(lock.startTs())) {
      return Verdict.IGNORE;
    }
    throw newerVersion(encodedKey, spec, lock.startTs(), 0);
  }

  /** The refusal of a read that found something newer than it may see. */
  static TxnException newerVersion(byte[] encodedKey, ReadSpec spec, long startTs, long commitTs) {
    return new TxnError.Conflict(
            spec.readTs(),
            startTs,
            commitTs,
            KeyCodec.decode(encodedKey),
            Bytes.EMPTY,
            WriteConflict.Reason.RcCheckTs)
        .exception();
  }

  /** Whether reads of this isolation look at the locks in memory. */
  public static boolean appliesToMemoryLocks(IsolationLevel isolation) {
    return isolation == IsolationLevel.SI || isolation == IsolationLevel.RCCheckTS;
  }
}
