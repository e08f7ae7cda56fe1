package io.rutile.txn.command.action;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.kvrpcpb.WriteConflict.Reason;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.LastChange;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.SharedLocks;
import io.rutile.txn.record.WriteType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the pessimistic lock of one key. The statement that asks has read at for_update_ts; a newer
 * version makes it read anew, unless it allows to be locked with the conflict, in which case the
 * lock's for_update_ts is that of the newer version and its value is given back.
 */
public final class PessimisticLockAction {
  /**
   * What all keys of one request have in common.
   *
   * @param primary raw primary key
   * @param allowConflict whether a newer version is locked rather than refused
   */
  public record Spec(
      long startTs,
      byte[] primary,
      long forUpdateTs,
      long ttl,
      long minCommitTs,
      boolean returnValues,
      boolean checkExistence,
      boolean onlyIfExists,
      boolean allowConflict) {}

  /**
   * One key.
   *
   * @param mustNotExist whether a value under the key refuses the request
   * @param shared whether the lock may stand beside those of other transactions
   */
  public record Key(byte[] rawKey, byte[] encodedKey, boolean mustNotExist, boolean shared) {}

  /** How one key came out. */
  public sealed interface Result {}

  /**
   * The key is locked, or was not to be.
   *
   * @param value the value when it was loaded, empty when only its existence was; null for none
   * @param conflictTs commit_ts of the newer version that it was locked with, 0 for none
   * @param changedRecord what the lock family is to hold, null when it stays as it is
   * @param lock the lock in it
   */
  public record Acquired(
      byte @Nullable [] value,
      long conflictTs,
      @Nullable LockRecord changedRecord,
      @Nullable Lock lock)
      implements Result {}

  /** Somebody else holds the key. */
  public record Held(LockRecord record) implements Result {}

  /**
   * Sharers hold the key, and from now on nobody may join them.
   *
   * @param closed the container as it is to be written
   */
  public record Closing(SharedLocks closed) implements Result {}

  private final Spec spec;
  private final MvccReader reader;
  private final ConcurrencyView concurrency;

  public PessimisticLockAction(Spec spec, MvccReader reader, ConcurrencyView concurrency) {
    this.spec = spec;
    this.reader = reader;
    this.concurrency = concurrency;
  }

  public Result acquire(Key key) {
    if (spec.onlyIfExists() && !spec.returnValues()) {
      throw new TxnError.LockIfExistsFailed(spec.startTs(), key.rawKey()).exception();
    }
    if (key.mustNotExist() || spec.returnValues() || spec.checkExistence()) {
      // What is read here must not be overtaken by a commit at or below for_update_ts.
      concurrency.updateMaxTs(spec.forUpdateTs(), false);
    }
    LockRecord record = reader.loadLock(key.encodedKey());
    return switch (record) {
      case null -> acquireNew(key, null);
      case Lock lock when lock.startTs() != spec.startTs() -> new Held(lock);
      case Lock lock -> reacquire(key, lock, null);
      case SharedLocks shared -> acquireShared(key, shared);
    };
  }

  private Result acquireShared(Key key, SharedLocks shared) {
    Lock own = shared.member(spec.startTs());
    if (key.shared()) {
      if (own != null) {
        return reacquire(key, own, shared);
      }
      return shared.shrinkOnly() ? new Held(shared) : acquireNew(key, shared);
    }
    if (own != null && shared.members().size() == 1 && own.isPessimistic()) {
      return acquireNew(key, null);
    }
    return shared.shrinkOnly() ? new Held(shared) : new Closing(shared.withShrinkOnly());
  }

  /** The transaction has the lock: answer as if it were new, and refresh it. */
  private Result reacquire(Key key, Lock lock, @Nullable SharedLocks container) {
    if (!lock.isPessimistic()) {
      throw new TxnError.LockTypeNotMatch(spec.startTs(), key.rawKey(), false).exception();
    }
    boolean withConflict =
        spec.allowConflict() && Long.compareUnsigned(spec.forUpdateTs(), lock.forUpdateTs()) < 0;
    long readTs = withConflict ? lock.forUpdateTs() : spec.forUpdateTs();
    VersionedWrite put = null;
    boolean reads = spec.returnValues() || spec.checkExistence() || withConflict;
    if (reads || key.mustNotExist()) {
      VersionedWrite change = reader.newestChange(key.encodedKey(), readTs, TimeStamp.MAX);
      put = change != null && change.write().type() == WriteType.PUT ? change : null;
    }
    if (key.mustNotExist() && put != null) {
      throw Long.compareUnsigned(put.commitTs(), spec.forUpdateTs()) > 0
          ? conflict(key, put)
          : new TxnError.AlreadyExist(key.rawKey()).exception();
    }
    byte[] value = value(key, put, withConflict);
    long conflictTs = withConflict ? lock.forUpdateTs() : 0;
    if (Long.compareUnsigned(spec.forUpdateTs(), lock.forUpdateTs()) <= 0) {
      return new Acquired(value, conflictTs, null, lock);
    }
    Lock refreshed = newLock(spec.forUpdateTs(), lock.lastChange(), lock.lockedWithConflict());
    return new Acquired(value, conflictTs, record(key, container, refreshed), refreshed);
  }

  private Result acquireNew(Key key, @Nullable SharedLocks container) {
    VersionedWrite newest = reader.newestWrite(key.encodedKey(), TimeStamp.MAX);
    VersionedWrite newer =
        newest != null && Long.compareUnsigned(newest.commitTs(), spec.forUpdateTs()) > 0
            ? newest
            : null;
    if (newer != null && !spec.allowConflict()) {
      throw conflict(key, newer);
    }
    checkRolledBack(key, newest);
    boolean reads =
        spec.returnValues() || spec.checkExistence() || key.mustNotExist() || newer != null;
    VersionedWrite put = reads ? Existence.value(reader, key.encodedKey(), newest) : null;
    if (key.mustNotExist() && put != null) {
      throw newer != null
          ? conflict(key, newer)
          : new TxnError.AlreadyExist(key.rawKey()).exception();
    }
    if (spec.onlyIfExists() && put == null) {
      if (newer != null) {
        throw conflict(key, newer);
      }
      return new Acquired(null, 0, null, null);
    }
    long conflictTs = newer != null ? newer.commitTs() : 0;
    long forUpdateTs = newer != null ? conflictTs : spec.forUpdateTs();
    Lock lock = newLock(forUpdateTs, LastChanges.above(newest), newer != null);
    byte[] value = value(key, put, newer != null);
    return new Acquired(value, conflictTs, record(key, container, lock), lock);
  }

  /** A transaction that was rolled back on the key must not come back to it. */
  private void checkRolledBack(Key key, @Nullable VersionedWrite newest) {
    VersionedWrite atStart = newest;
    if (newest != null && Long.compareUnsigned(newest.commitTs(), spec.startTs()) > 0) {
      atStart = reader.newestWrite(key.encodedKey(), spec.startTs());
    }
    if (atStart != null
        && atStart.commitTs() == spec.startTs()
        && (atStart.write().type() == WriteType.ROLLBACK
            || atStart.write().hasOverlappedRollback())) {
      throw new TxnError.PessimisticLockRolledBack(spec.startTs(), key.rawKey()).exception();
    }
  }

  private byte @Nullable [] value(Key key, @Nullable VersionedWrite put, boolean load) {
    if (put == null || !(load || spec.returnValues() || spec.checkExistence())) {
      return null;
    }
    return load || spec.returnValues() ? reader.value(key.encodedKey(), put.write()) : Bytes.EMPTY;
  }

  private Lock newLock(long forUpdateTs, LastChange lastChange, boolean withConflict) {
    return Lock.builder(LockType.PESSIMISTIC, spec.primary(), spec.startTs())
        .ttl(spec.ttl())
        .forUpdateTs(forUpdateTs)
        .minCommitTs(spec.minCommitTs())
        .lastChange(lastChange)
        .lockedWithConflict(withConflict)
        .build();
  }

  private static LockRecord record(Key key, @Nullable SharedLocks container, Lock lock) {
    if (container != null) {
      return container.with(lock);
    }
    return key.shared() ? new SharedLocks(false, List.of(lock)) : lock;
  }

  private TxnException conflict(Key key, VersionedWrite newest) {
    return new TxnError.Conflict(
            spec.startTs(),
            newest.write().startTs(),
            newest.commitTs(),
            key.rawKey(),
            spec.primary(),
            Reason.PessimisticRetry)
        .exception();
  }

  /** The refusal for a key that somebody else holds. */
  public static TxnException heldError(Key key, LockRecord record) {
    return new TxnError.KeyIsLocked(LockInfos.of(key.rawKey(), record)).exception();
  }
}
