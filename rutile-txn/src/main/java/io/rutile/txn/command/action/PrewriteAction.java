package io.rutile.txn.command.action;

import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.proto.kvrpcpb.WriteConflict.Reason;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.action.PrewriteLockWriter.CommitKind;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnError.LockLoss;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.LastChange;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.SharedLocks;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * Prewrites one key: judges the lock that stands there, looks for versions that the transaction
 * does not know of, and lays its own lock. One seek in the write family, or none where the
 * transaction holds the key by a pessimistic lock.
 *
 * <p>The order of the checks is part of the protocol, since it decides which error a client gets.
 * Owned by the thread that processes the command.
 */
public final class PrewriteAction {
  private final PrewriteTxn txn;
  private final MvccReader reader;
  private final ConcurrencyView concurrency;
  private final PrewriteLockWriter writer;

  public PrewriteAction(
      PrewriteTxn txn, MvccReader reader, ConcurrencyView concurrency, PrewriteLockWriter writer) {
    this.txn = txn;
    this.reader = reader;
    this.concurrency = concurrency;
    this.writer = writer;
  }

  /**
   * Prewrites {@code mutation}.
   *
   * @return the lock's min_commit_ts when the commit kind needs one; 0 says that the key cannot be
   *     committed that way
   */
  public long prewrite(PrewriteMutation mutation) {
    if (mutation.mustNotExist()) {
      // What is read as absent here must stay so for every commit at or below start_ts.
      concurrency.updateMaxTs(txn.startTs(), false);
    }
    LockRecord record = reader.loadLock(mutation.encodedKey());
    LockStatus status = judge(mutation, record);
    if (status instanceof LockStatus.Done done) {
      return done.minCommitTs();
    }
    VersionedWrite newest = null;
    boolean loaded = false;
    if (!skipsConstraintCheck(mutation) && !(status instanceof LockStatus.Flushed)) {
      newest = checkNewerVersions(mutation);
      loaded = true;
    }
    if (!(status instanceof LockStatus.Flushed)) {
      checkAssertion(mutation, newest, loaded);
    }
    LockType lockType = mutation.lockType();
    if (lockType == null) {
      return checkOnly();
    }
    LastChange lastChange = loaded ? LastChanges.above(newest) : status.lastChange();
    return writer.write(mutation, lockType, status, lastChange);
  }

  /** A check writes nothing, so its commit_ts needs to be above nothing but the start_ts. */
  private long checkOnly() {
    if (!writer.needsMinCommitTs()) {
      return 0;
    }
    long next = txn.startTs() + 1;
    return Long.compareUnsigned(txn.minCommitTs(), next) > 0 ? txn.minCommitTs() : next;
  }

  /** What the lock on the key means for the prewrite. */
  sealed interface LockStatus {
    /** The hint about older versions that is known without a look at the write family. */
    LastChange lastChange();

    /** Nothing there, or nothing that matters. */
    record None(LastChange lastChange) implements LockStatus {}

    /** The transaction's pessimistic lock, in {@code container} if that is shared. */
    record Pessimistic(Lock lock, @Nullable SharedLocks container) implements LockStatus {
      @Override
      public LastChange lastChange() {
        return lock.lastChange();
      }
    }

    /** The transaction's lock of an earlier flush, to be overwritten. */
    record Flushed(Lock lock) implements LockStatus {
      @Override
      public LastChange lastChange() {
        return lock.lastChange();
      }
    }

    /** The key is prewritten already. */
    record Done(long minCommitTs) implements LockStatus {
      @Override
      public LastChange lastChange() {
        return LastChange.UNKNOWN;
      }
    }
  }

  private LockStatus judge(PrewriteMutation mutation, @Nullable LockRecord record) {
    return switch (record) {
      case null -> judgeMissing(mutation);
      case SharedLocks shared -> judgeShared(mutation, shared);
      case Lock lock when lock.startTs() != txn.startTs() -> throw othersLock(mutation, lock);
      case Lock lock when mutation.shared() -> throw locked(mutation, lock);
      case Lock lock when lock.isPessimistic() -> judgeOwnPessimistic(mutation, lock, null);
      case Lock lock -> judgeOwnPrewritten(mutation, lock);
    };
  }

  private LockStatus judgeMissing(PrewriteMutation mutation) {
    if (!mutation.expectsPessimisticLock()) {
      if (mutation.shared()) {
        throw lost(mutation, LockLoss.SHARED_LOCK_NOT_HELD);
      }
      return new LockStatus.None(LastChange.UNKNOWN);
    }
    // The lock was acquired in memory or by a proposal that got lost. Since nobody has written to
    // the key after the transaction began, nobody can have held the lock since, either.
    VersionedWrite newest = reader.newestWrite(mutation.encodedKey(), TimeStamp.MAX);
    if (mutation.shared()
        || (newest != null && Long.compareUnsigned(newest.commitTs(), txn.startTs()) >= 0)) {
      throw lost(mutation, LockLoss.LOCK_MISSING_AMEND_FAIL);
    }
    return new LockStatus.None(LastChanges.above(newest));
  }

  private LockStatus judgeShared(PrewriteMutation mutation, SharedLocks shared) {
    Lock own = shared.member(txn.startTs());
    if (own == null) {
      if (mutation.shared()) {
        throw lost(mutation, LockLoss.LOCK_TS_MISMATCH);
      }
      throw locked(mutation, shared);
    }
    if (!mutation.shared()) {
      throw new TxnError.BadRequest(
              "a key that is locked in shared mode can only be prewritten as SharedLock")
          .exception();
    }
    return own.isPessimistic()
        ? judgeOwnPessimistic(mutation, own, shared)
        : new LockStatus.Done(0);
  }

  private LockStatus judgeOwnPessimistic(
      PrewriteMutation mutation, Lock lock, @Nullable SharedLocks container) {
    if (!txn.isPessimistic()) {
      throw new TxnError.LockTypeNotMatch(txn.startTs(), mutation.rawKey(), true).exception();
    }
    Long expected = mutation.expectedForUpdateTs();
    if (expected != null && lock.forUpdateTs() != expected) {
      throw lost(mutation, LockLoss.LOCK_FOR_UPDATE_TS_MISMATCH);
    }
    return new LockStatus.Pessimistic(lock, container);
  }

  private LockStatus judgeOwnPrewritten(PrewriteMutation mutation, Lock lock) {
    if (txn.generation() == 0 || Long.compareUnsigned(lock.generation(), txn.generation()) >= 0) {
      // A lock that is there already is no part of a one-phase commit, which then cannot be done.
      boolean async = lock.useAsyncCommit() && writer.kind() == CommitKind.ASYNC;
      return new LockStatus.Done(async ? lock.minCommitTs() : 0);
    }
    if (mutation.mustNotExist() && lock.type() == LockType.PUT) {
      throw new TxnError.AlreadyExist(mutation.rawKey()).exception();
    }
    return new LockStatus.Flushed(lock);
  }

  private TxnException othersLock(PrewriteMutation mutation, Lock lock) {
    return mutation.expectsPessimisticLock() && !mutation.shared()
        ? lost(mutation, LockLoss.LOCK_TS_MISMATCH)
        : locked(mutation, lock);
  }

  /** In a pessimistic transaction the client is to resolve such a lock at once: ttl 0. */
  private TxnException locked(PrewriteMutation mutation, LockRecord record) {
    LockRecord shown =
        txn.isPessimistic() && record instanceof Lock lock
            ? lock.toBuilder().ttl(0).build()
            : record;
    return new TxnError.KeyIsLocked(LockInfos.of(mutation.rawKey(), shown)).exception();
  }

  private TxnException lost(PrewriteMutation mutation, LockLoss reason) {
    return new TxnError.PessimisticLockNotFound(txn.startTs(), mutation.rawKey(), reason)
        .exception();
  }

  private boolean skipsConstraintCheck(PrewriteMutation mutation) {
    if (!txn.isPessimistic()) {
      return txn.skipConstraintCheck();
    }
    return switch (mutation.action()) {
      case DO_PESSIMISTIC_CHECK, UNRECOGNIZED -> true;
      case SKIP_PESSIMISTIC_CHECK -> !txn.retry();
      case DO_CONSTRAINT_CHECK -> false;
    };
  }

  /** Refuses what the transaction has not seen; gives the newest record that it judged. */
  private @Nullable VersionedWrite checkNewerVersions(PrewriteMutation mutation) {
    long from = TimeStamp.MAX;
    while (true) {
      VersionedWrite found = reader.newestWrite(mutation.encodedKey(), from);
      if (found == null) {
        return null;
      }
      if (!checkVersion(mutation, found)) {
        from = found.commitTs() - 1;
        continue;
      }
      checkNotExists(mutation, found);
      return found;
    }
  }

  /** Whether the record settles the check; if not, an older one has to be looked at. */
  private boolean checkVersion(PrewriteMutation mutation, VersionedWrite found) {
    boolean isRollback = found.write().type() == WriteType.ROLLBACK;
    if (found.commitTs() == txn.startTs()
        && (isRollback || found.write().hasOverlappedRollback())) {
      throw conflict(mutation, found, Reason.SelfRolledBack);
    }
    boolean newer = Long.compareUnsigned(found.commitTs(), txn.startTs()) > 0;
    if (!txn.isPessimistic()) {
      if (newer) {
        throw conflict(mutation, found, Reason.Optimistic);
      }
      return true;
    }
    if (newer && mutation.action() == PessimisticAction.DO_CONSTRAINT_CHECK) {
      throw conflict(mutation, found, Reason.LazyUniquenessCheck);
    }
    if (Long.compareUnsigned(found.commitTs(), txn.forUpdateTs()) > 0) {
      if (isRollback) {
        return false;
      }
      throw lost(mutation, LockLoss.NON_LOCK_KEY_CONFLICT);
    }
    return true;
  }

  private TxnException conflict(PrewriteMutation mutation, VersionedWrite found, Reason reason) {
    return new TxnError.Conflict(
            txn.startTs(),
            found.write().startTs(),
            found.commitTs(),
            mutation.rawKey(),
            txn.primary(),
            reason)
        .exception();
  }

  private void checkNotExists(PrewriteMutation mutation, VersionedWrite newest) {
    if (mutation.mustNotExist() && Existence.at(reader, mutation.encodedKey(), newest)) {
      throw new TxnError.AlreadyExist(mutation.rawKey()).exception();
    }
  }

  private void checkAssertion(
      PrewriteMutation mutation, @Nullable VersionedWrite newest, boolean loaded) {
    TxnError.AssertionFailed failure = Assertions.check(txn, reader, mutation, newest, loaded);
    if (failure == null) {
      return;
    }
    if (!loaded) {
      // A conflict is the better explanation of a wrong assertion.
      checkNewerVersions(mutation);
    }
    throw failure.exception();
  }
}
