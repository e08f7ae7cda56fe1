package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.kvrpcpb.Action;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackResponse;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.proto.kvrpcpb.TxnInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Finds out what became of a lock's transaction and ends it there, as clients do. */
final class LockResolver {
  /** What a lock in the way turned out to be. */
  sealed interface Fate {
    /** Still alive. */
    record Alive() implements Fate {}

    /** Going to commit above the caller, or not at all: a reader may pass it by. */
    record Passable() implements Fate {}

    /** Rolled back; the lock is gone, or on its way. */
    record RolledBack() implements Fate {}

    /** Committed; the lock is gone, or on its way. */
    record Committed(long commitTs) implements Fate {}
  }

  private static final Fate ALIVE = new Fate.Alive();
  private static final Fate ROLLED_BACK = new Fate.RolledBack();

  private final TxnSim sim;
  private final Session session;

  LockResolver(TxnSim sim, Session session) {
    this.sim = sim;
    this.session = session;
  }

  /**
   * Resolves a lock that somebody met.
   *
   * @param caller start_ts of the one in whose way it is, 0 for nobody
   * @param current what time it is for the lock's time to live; the maximum ends every transaction
   */
  CompletableFuture<Fate> resolve(LockInfo lock, long caller, long current) {
    long startTs = lock.getLockVersion();
    if (startTs <= sim.safePoint && !sim.isCalm()) {
      return CompletableFuture.completedFuture(ALIVE);
    }
    session.open(startTs);
    return resolve(lock, caller, current, false)
        .whenComplete((fate, failure) -> session.close(startTs));
  }

  private CompletableFuture<Fate> resolve(
      LockInfo lock, long caller, long current, boolean forceSync) {
    CheckTxnStatusRequest request =
        CheckTxnStatusRequest.newBuilder()
            .setPrimaryKey(lock.getPrimaryLock())
            .setLockTs(lock.getLockVersion())
            .setCallerStartTs(caller)
            .setCurrentTs(current)
            .setRollbackIfNotExist(isExpired(lock, current))
            .setForceSyncCommit(forceSync)
            .setResolvingPessimisticLock(lock.getLockType() == Op.PessimisticLock)
            .setVerifyIsPrimary(true)
            .build();
    return session
        .<CheckTxnStatusResponse>call(
            request, lock.getPrimaryLock().toStringUtf8(), lock.getLockVersion())
        .thenCompose(status -> onStatus(lock, request, status));
  }

  static boolean isExpired(LockInfo lock, long current) {
    return TimeStamp.isMax(current)
        || TimeStamp.physicalMillis(lock.getLockVersion()) + lock.getLockTtl()
            < TimeStamp.physicalMillis(current);
  }

  private CompletableFuture<Fate> onStatus(
      LockInfo lock, CheckTxnStatusRequest asked, CheckTxnStatusResponse status) {
    if (status.hasError()) {
      if (!status.getError().hasTxnNotFound()) {
        sim.history.violation("status of " + lock + ": " + status);
      }
      return CompletableFuture.completedFuture(ALIVE);
    }
    if (status.getLockTtl() > 0) {
      LockInfo primary = status.getLockInfo();
      boolean decidedBySecondaries =
          primary.getUseAsyncCommit()
              && !asked.getForceSyncCommit()
              && isExpired(primary, asked.getCurrentTs());
      if (decidedBySecondaries && lock.getLockType() != Op.PessimisticLock) {
        return checkSecondaries(lock, primary, asked);
      }
      Fate fate =
          status.getAction() == Action.MinCommitTSPushed ? new Fate.Passable() : new Fate.Alive();
      return decidedBySecondaries ? dropPessimistic(lock) : CompletableFuture.completedFuture(fate);
    }
    sim.history.onStatus(lock, asked, status);
    return lock.getLockType() == Op.PessimisticLock
        ? dropPessimistic(lock)
        : finish(lock, List.of(lock.getKey()), status.getCommitVersion());
  }

  /** An async commit whose time is over is committed if all its locks are there. */
  private CompletableFuture<Fate> checkSecondaries(
      LockInfo lock, LockInfo primary, CheckTxnStatusRequest asked) {
    sim.asyncResolved++;
    Verdict verdict = new Verdict(primary.getMinCommitTs());
    return session
        .forAll(
            sim.byRegion(primary.getSecondariesList()),
            keys -> checkSecondaries(keys, lock.getLockVersion(), verdict))
        .thenCompose(all -> {
          if (verdict.notAsync && verdict.decided == null) {
            return resolve(lock, asked.getCallerStartTs(), asked.getCurrentTs(), true);
          }
          long commitTs = verdict.decided == null ? verdict.minCommitTs : verdict.decided;
          sim.history.verdict(lock.getLockVersion(), commitTs);
          List<ByteString> keys = new ArrayList<>(primary.getSecondariesList());
          keys.add(primary.getPrimaryLock());
          return finish(lock, keys, commitTs);
        });
  }

  private static final class Verdict {
    private long minCommitTs;
    private boolean notAsync;
    private @Nullable Long decided;

    Verdict(long minCommitTs) {
      this.minCommitTs = minCommitTs;
    }
  }

  private CompletableFuture<Void> checkSecondaries(
      List<ByteString> keys, long startTs, Verdict verdict) {
    return session
        .<CheckSecondaryLocksResponse>call(
            CheckSecondaryLocksRequest.newBuilder()
                .addAllKeys(keys)
                .setStartVersion(startTs)
                .build(),
            keys.getFirst().toStringUtf8(),
            startTs)
        .thenAccept(found -> {
          if (found.hasError()) {
            sim.history.violation("secondaries of " + startTs + ": " + found);
          }
          if (found.getLocksCount() < keys.size()) {
            verdict.decided = found.getCommitTs();
          }
          for (LockInfo secondary : found.getLocksList()) {
            verdict.notAsync |= !secondary.getUseAsyncCommit();
            verdict.minCommitTs = Math.max(verdict.minCommitTs, secondary.getMinCommitTs());
          }
        });
  }

  /** Ends the transaction on the keys; whoever met the lock need not always wait for that. */
  private CompletableFuture<Fate> finish(LockInfo lock, List<ByteString> keys, long commitTs) {
    long startTs = lock.getLockVersion();
    Fate fate = commitTs == 0 ? ROLLED_BACK : new Fate.Committed(commitTs);
    session.open(startTs);
    CompletableFuture<Void> work =
        session
            .forAll(sim.byRegion(keys), group -> resolveKeys(group, startTs, commitTs))
            .whenComplete((done, failure) -> session.close(startTs));
    return sim.random.nextInt(3) == 0
        ? CompletableFuture.completedFuture(fate)
        : work.thenApply(done -> fate);
  }

  private CompletableFuture<Void> resolveKeys(List<ByteString> keys, long startTs, long commitTs) {
    ResolveLockRequest.Builder request = ResolveLockRequest.newBuilder();
    switch (sim.random.nextInt(4)) {
      case 0 ->
          request.addTxnInfos(TxnInfo.newBuilder().setTxn(startTs).setStatus(commitTs).build());
      case 1 -> request.setStartVersion(startTs).setCommitVersion(commitTs);
      default -> request.setStartVersion(startTs).setCommitVersion(commitTs).addAllKeys(keys);
    }
    return session
        .<ResolveLockResponse>call(request.build(), keys.getFirst().toStringUtf8(), startTs)
        .thenAccept(resolved -> {
          sim.resolved++;
          if (resolved.hasError()) {
            sim.history.violation(
                "end of " + startTs + " at " + commitTs + " on " + keys + ": " + resolved);
          }
        });
  }

  private CompletableFuture<Fate> dropPessimistic(LockInfo lock) {
    return session
        .<PessimisticRollbackResponse>call(
            PessimisticRollbackRequest.newBuilder()
                .setStartVersion(lock.getLockVersion())
                .setForUpdateTs(lock.getLockForUpdateTs())
                .addKeys(lock.getKey())
                .build(),
            lock.getKey().toStringUtf8(),
            lock.getLockVersion())
        .thenApply(dropped -> {
          if (dropped.getErrorsCount() > 0) {
            sim.history.violation("pessimistic rollback of " + lock + ": " + dropped);
          }
          return ALIVE;
        });
  }
}
