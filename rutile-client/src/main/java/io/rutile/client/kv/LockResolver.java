package io.rutile.client.kv;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.TimeStamp;
import io.rutile.client.pd.PdClient;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides the fate of a transaction whose lock is in the way, from its primary, and finishes the
 * lock accordingly: commit, roll back, or leave it when its owner is still alive. Safe for use by
 * any thread.
 */
final class LockResolver {
  private static final long LIMIT_MILLIS = 20_000;

  private final RegionRequests requests;
  private final PdClient pd;

  LockResolver(RegionRequests requests, PdClient pd) {
    this.requests = requests;
    this.pd = pd;
  }

  /**
   * Gets the locks that {@code errors} tell of out of the caller's way, or waits while their owners
   * live.
   *
   * @param callerStartTs start of the transaction that is in need, 0 for a writer, which no push
   *     helps
   * @param passable takes the transactions that were pushed past the caller
   * @throws KvException for an error that is no lock
   */
  void clear(List<KeyError> errors, long callerStartTs, List<Long> passable, Backoff backoff) {
    List<LockInfo> locks = new ArrayList<>();
    for (KeyError error : errors) {
      if (!error.hasLocked()) {
        throw KeyErrors.toException(error);
      }
      locks.add(error.getLocked());
    }
    if (!resolve(locks, callerStartTs, passable)) {
      backoff.pause("locked by transaction " + locks.get(0).getLockVersion());
    }
  }

  /**
   * Finishes {@code locks} as far as their transactions have ended or expired.
   *
   * @param callerStartTs start of the transaction that is in need, 0 for a writer, which no push
   *     helps
   * @return whether all of them are out of the way of that caller
   */
  private boolean resolve(List<LockInfo> locks, long callerStartTs, List<Long> passable) {
    boolean clear = true;
    for (LockInfo lock : locks) {
      clear &= resolve(lock, callerStartTs, passable);
    }
    return clear;
  }

  private boolean resolve(LockInfo lock, long callerStartTs, List<Long> passable) {
    CheckTxnStatusResponse status = check(lock, callerStartTs, false);
    if (status.getLockTtl() > 0 && status.getLockInfo().getUseAsyncCommit()) {
      if (!expired(status.getLockInfo(), status.getLockTtl())) {
        return pushed(status, lock, callerStartTs, passable);
      }
      Optional<OptionalLong> outcome = checkSecondaries(status.getLockInfo());
      if (outcome.isPresent()) {
        long commitTs = outcome.get().orElse(0);
        finish(lock, commitTs);
        finish(status.getLockInfo(), commitTs);
        return true;
      }
      status = check(lock, callerStartTs, true); // a prewrite fell back to two phases
    }
    if (status.getLockTtl() > 0) {
      return pushed(status, lock, callerStartTs, passable);
    }
    finish(lock, status.getCommitVersion());
    return true;
  }

  /**
   * A live lock whose commit was pushed past the reader does not hide anything that the reader may
   * see.
   */
  private static boolean pushed(
      CheckTxnStatusResponse status, LockInfo lock, long callerStartTs, List<Long> passable) {
    boolean past =
        callerStartTs != 0
            && status.getAction() == io.rutile.proto.kvrpcpb.Action.MinCommitTSPushed;
    if (past) {
      passable.add(lock.getLockVersion());
    }
    return past;
  }

  private boolean expired(LockInfo lock, long ttlMillis) {
    long now = TimeStamp.physicalMillis(PdClient.await(pd.tso()));
    return TimeStamp.physicalMillis(lock.getLockVersion()) + ttlMillis < now;
  }

  private CheckTxnStatusResponse check(LockInfo lock, long callerStartTs, boolean forceSync) {
    byte[] primary = lock.getPrimaryLock().toByteArray();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    while (true) {
      long now = PdClient.await(pd.tso());
      boolean mayRollBack =
          TimeStamp.physicalMillis(lock.getLockVersion()) + lock.getLockTtl()
              < TimeStamp.physicalMillis(now);
      CheckTxnStatusResponse response =
          requests
              .send(
                  primary,
                  Rpc.CHECK_TXN_STATUS,
                  context ->
                      CheckTxnStatusRequest.newBuilder()
                          .setContext(context)
                          .setPrimaryKey(lock.getPrimaryLock())
                          .setLockTs(lock.getLockVersion())
                          .setCallerStartTs(callerStartTs)
                          .setCurrentTs(now)
                          .setRollbackIfNotExist(mayRollBack)
                          .setForceSyncCommit(forceSync)
                          .setResolvingPessimisticLock(lock.getLockType() == Op.PessimisticLock)
                          .build(),
                  backoff)
              .value();
      if (!response.hasError()) {
        return response;
      }
      if (!response.getError().hasTxnNotFound()) {
        throw KeyErrors.toException(response.getError());
      }
      backoff.pause("the primary's lock is not written yet");
    }
  }

  /**
   * The outcome of an async-commit transaction: its commit timestamp, nothing for a roll-back;
   * empty when it is no async-commit transaction after all.
   */
  private Optional<OptionalLong> checkSecondaries(LockInfo primary) {
    long commitTs = primary.getMinCommitTs();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    List<ByteString> left = primary.getSecondariesList();
    while (!left.isEmpty()) {
      List<ByteString> missed = new ArrayList<>();
      for (var group : requests.byRegion(left, ByteString::toByteArray, backoff).entrySet()) {
        Optional<CheckSecondaryLocksResponse> answered =
            requests.attempt(
                group.getKey(),
                Rpc.CHECK_SECONDARY_LOCKS,
                (region, context) ->
                    CheckSecondaryLocksRequest.newBuilder()
                        .setContext(context)
                        .addAllKeys(group.getValue())
                        .setStartVersion(primary.getLockVersion())
                        .build(),
                backoff);
        if (answered.isEmpty()) {
          missed.addAll(group.getValue());
          continue;
        }
        CheckSecondaryLocksResponse response = answered.get();
        if (response.hasError()) {
          throw KeyErrors.toException(response.getError());
        }
        if (response.getLocksCount() < group.getValue().size()) {
          return Optional.of(
              response.getCommitTs() == 0
                  ? OptionalLong.empty()
                  : OptionalLong.of(response.getCommitTs()));
        }
        for (LockInfo secondary : response.getLocksList()) {
          if (!secondary.getUseAsyncCommit()) {
            return Optional.empty();
          }
          commitTs = maxUnsigned(commitTs, secondary.getMinCommitTs());
        }
      }
      left = missed;
    }
    return Optional.of(OptionalLong.of(commitTs));
  }

  /** Commits the lock at {@code commitTs}, or rolls it back for 0. */
  private void finish(LockInfo lock, long commitTs) {
    byte[] key = lock.getKey().toByteArray();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    if (lock.getLockType() == Op.PessimisticLock) {
      requests.send(
          key,
          Rpc.PESSIMISTIC_ROLLBACK,
          context ->
              PessimisticRollbackRequest.newBuilder()
                  .setContext(context)
                  .setStartVersion(lock.getLockVersion())
                  .setForUpdateTs(
                      lock.getLockForUpdateTs() == 0 ? TimeStamp.MAX : lock.getLockForUpdateTs())
                  .addKeys(lock.getKey())
                  .build(),
          backoff);
      return;
    }
    requests.send(
        key,
        Rpc.RESOLVE_LOCK,
        context ->
            ResolveLockRequest.newBuilder()
                .setContext(context)
                .setStartVersion(lock.getLockVersion())
                .setCommitVersion(commitTs)
                .addKeys(lock.getKey())
                .build(),
        backoff);
  }

  static long maxUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }
}
