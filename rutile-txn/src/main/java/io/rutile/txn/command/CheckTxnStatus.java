package io.rutile.txn.command;

import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Action;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.action.CleanupAction;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.RollbackAction;
import io.rutile.txn.command.action.RollbackAction.IfMissing;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.command.action.TxnFate;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.CommitRecord;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out by its primary what became of a transaction, for somebody whose way its lock is in.
 * Rolls it back when its time is over; a living one is asked to commit above the caller, so that
 * the caller can read past its lock.
 */
public final class CheckTxnStatus implements Command<CheckTxnStatusResponse> {
  private final CheckTxnStatusRequest request;
  private final byte[] rawKey;
  private final byte[] encodedKey;

  public CheckTxnStatus(CheckTxnStatusRequest request) {
    this.request = request;
    this.rawKey = request.getPrimaryKey().toByteArray();
    this.encodedKey = KeyCodec.encode(rawKey);
  }

  @Override
  public String tag() {
    return "check_txn_status";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public List<byte[]> latchKeys() {
    return List.of(encodedKey);
  }

  @Override
  public long writeBytes() {
    return CommandSizes.keys(latchKeys());
  }

  @Override
  public boolean allowedOnAlmostFullDisk() {
    return true;
  }

  @Override
  public WriteResult<CheckTxnStatusResponse> process(CommandEnv env) {
    Requests.checkStartTs(request.getLockTs());
    raiseMaxTs(env.concurrency());
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      LockRecord record = reader.loadLock(encodedKey);
      if (record instanceof SharedLocks shared) {
        throw new TxnError.PrimaryMismatch(LockInfos.of(rawKey, shared)).exception();
      }
      if (record instanceof Lock lock && lock.startTs() == request.getLockTs()) {
        return lockExists(changes, reader, lock);
      }
      return fateWithoutLock(changes, reader, record);
    }
  }

  private void raiseMaxTs(ConcurrencyView concurrency) {
    boolean exact = Requests.isExactOrigin(context());
    concurrency.updateMaxTs(request.getLockTs(), exact);
    concurrency.updateMaxTs(request.getCurrentTs(), exact);
    concurrency.updateMaxTs(request.getCallerStartTs(), exact);
  }

  private WriteResult<CheckTxnStatusResponse> lockExists(
      TxnChanges changes, MvccReader reader, Lock lock) {
    if (request.getVerifyIsPrimary() && !lock.isPrimary(rawKey)) {
      if (request.getResolvingPessimisticLock() || !lock.isPessimistic()) {
        throw new TxnError.PrimaryMismatch(LockInfos.of(rawKey, lock)).exception();
      }
      // A pessimistic lock that names another primary is left over from a changed mind.
      WriteResult<CheckTxnStatusResponse> fate = fateWithoutLock(changes, reader, null);
      changes.unlock(encodedKey, lock, lock, 0);
      return fate;
    }
    if (lock.useAsyncCommit() && !request.getForceSyncCommit()) {
      return uncommitted(changes, lock, Action.NoAction);
    }
    if (lock.isPessimistic() && lock.lockedWithConflict()) {
      // Such a lock can have been acquired after the end of its own transaction.
      CommitRecord found = reader.commitRecord(encodedKey, lock.startTs());
      if (found.committedTs() != 0 || found.isRolledBack()) {
        changes.unlock(encodedKey, lock, lock, 0);
        return determined(changes, found.committedTs());
      }
    }
    if (CleanupAction.isExpired(lock, request.getCurrentTs())) {
      return expired(changes, reader, lock);
    }
    return push(changes, lock);
  }

  private WriteResult<CheckTxnStatusResponse> expired(
      TxnChanges changes, MvccReader reader, Lock lock) {
    if (lock.isPessimistic() && request.getResolvingPessimisticLock()) {
      changes.unlock(encodedKey, lock, lock, 0);
      return result(changes, Action.TTLExpirePessimisticRollback);
    }
    RollbackAction.rollBackLock(changes, reader, encodedKey, lock, lock, true);
    return result(changes, Action.TTLExpireRollback);
  }

  /** Raises the lowest commit_ts above the caller, where the lock's client is ready for that. */
  private WriteResult<CheckTxnStatusResponse> push(TxnChanges changes, Lock lock) {
    long caller = request.getCallerStartTs();
    Lock pushed = lock;
    if (lock.minCommitTs() != 0
        && !TimeStamp.isMax(caller)
        && Long.compareUnsigned(caller, lock.minCommitTs()) >= 0) {
      long current = request.getCurrentTs();
      long minCommitTs = Long.compareUnsigned(current, caller + 1) > 0 ? current : caller + 1;
      pushed = lock.toBuilder().minCommitTs(minCommitTs).build();
      changes.putLock(encodedKey, pushed);
    }
    boolean above = caller != 0 && Long.compareUnsigned(pushed.minCommitTs(), caller) > 0;
    return uncommitted(
        changes,
        pushed,
        above || TimeStamp.isMax(caller) ? Action.MinCommitTSPushed : Action.NoAction);
  }

  private WriteResult<CheckTxnStatusResponse> fateWithoutLock(
      TxnChanges changes, MvccReader reader, @Nullable LockRecord mismatch) {
    IfMissing ifMissing =
        request.getRollbackIfNotExist() ? IfMissing.ROLL_BACK_PROTECTED : IfMissing.REFUSE;
    TxnFate fate =
        RollbackAction.fateWithoutLock(
            changes,
            reader,
            encodedKey,
            request.getLockTs(),
            mismatch,
            ifMissing,
            request.getResolvingPessimisticLock());
    return switch (fate) {
      case TxnFate.Committed committed -> determined(changes, committed.commitTs());
      case TxnFate.RolledBack _ -> determined(changes, 0);
      case TxnFate.RolledBackNow _ -> result(changes, Action.LockNotExistRollback);
      case TxnFate.LeftAlone _ -> result(changes, Action.LockNotExistDoNothing);
    };
  }

  private WriteResult<CheckTxnStatusResponse> determined(TxnChanges changes, long commitTs) {
    return WriteResult.<CheckTxnStatusResponse>builder()
        .changes(changes)
        .status(request.getLockTs(), commitTs)
        .build(CheckTxnStatusResponse.newBuilder().setCommitVersion(commitTs).build());
  }

  private WriteResult<CheckTxnStatusResponse> uncommitted(
      TxnChanges changes, Lock lock, Action action) {
    return WriteResult.<CheckTxnStatusResponse>builder()
        .changes(changes)
        .build(
            CheckTxnStatusResponse.newBuilder()
                .setLockTtl(lock.ttl())
                .setLockInfo(LockInfos.of(rawKey, lock))
                .setAction(action)
                .build());
  }

  private static WriteResult<CheckTxnStatusResponse> result(TxnChanges changes, Action action) {
    return WriteResult.<CheckTxnStatusResponse>builder()
        .changes(changes)
        .build(CheckTxnStatusResponse.newBuilder().setAction(action).build());
  }

  @Override
  public CheckTxnStatusResponse failure(TxnException exception) {
    return CheckTxnStatusResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public CheckTxnStatusResponse regionError(Error error) {
    return CheckTxnStatusResponse.newBuilder().setRegionError(error).build();
  }
}
