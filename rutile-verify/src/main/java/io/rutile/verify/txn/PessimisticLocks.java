package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.Assertion;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockKeyResult;
import io.rutile.proto.kvrpcpb.PessimisticLockKeyResultType;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticLockWakeUpMode;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.verify.txn.TxnRun.Change;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The statements of a pessimistic transaction: locks most of the keys that it is to change. */
final class PessimisticLocks {
  private static final int TRIES = 6;

  private final TxnRun txn;
  private final TxnSim sim;

  PessimisticLocks(TxnRun txn) {
    this.txn = txn;
    this.sim = txn.sim;
    txn.forUpdateTs = txn.startTs;
  }

  CompletableFuture<Void> run() {
    List<Change> locked =
        txn.changes.stream()
            .filter(change -> change.key().equals(txn.primary) || sim.random.nextInt(5) > 0)
            .toList();
    return Session.inTurn(locked, change -> lock(change, TRIES).thenCompose(done -> keepAlive()));
  }

  private CompletableFuture<Void> lock(Change change, int tries) {
    boolean force = sim.random.nextInt(3) == 0;
    // A key that is to be absent is checked when it is locked; others give their value.
    boolean absent = change.op() == Op.Insert;
    long at = txn.forUpdateTs;
    if (force) {
      txn.forced.add(change.key());
    }
    PessimisticLockRequest request =
        PessimisticLockRequest.newBuilder()
            .addMutations(
                Mutation.newBuilder()
                    .setOp(Op.PessimisticLock)
                    .setKey(change.keyBytes())
                    .setAssertion(absent ? Assertion.NotExist : Assertion.None))
            .setPrimaryLock(ByteString.copyFromUtf8(txn.primary))
            .setStartVersion(txn.startTs)
            .setForUpdateTs(at)
            .setLockTtl(txn.lockTtlMillis)
            .setMinCommitTs(at + 1)
            .setIsFirstLock(txn.lockedAt.isEmpty())
            .setWaitTimeout(sim.random.nextInt(3) == 0 ? -1 : 0)
            .setReturnValues(!absent)
            .setWakeUpMode(
                force
                    ? PessimisticLockWakeUpMode.WakeUpModeForceLock
                    : PessimisticLockWakeUpMode.WakeUpModeNormal)
            .build();
    return txn.session
        .<PessimisticLockResponse>call(request, change.key(), txn.startTs)
        .thenCompose(response -> {
          if (response.getErrorsCount() > 0) {
            return refused(response.getErrorsList(), change, tries);
          }
          if (force) {
            acquired(change, at, response.getResults(0));
          } else {
            boolean none = absent || response.getNotFounds(0);
            acquired(
                change,
                at,
                none ? Optional.empty() : Optional.of(response.getValues(0).toStringUtf8()));
          }
          return CompletableFuture.completedFuture(null);
        });
  }

  private void acquired(Change change, long at, PessimisticLockKeyResult result) {
    boolean withConflict =
        result.getType() == PessimisticLockKeyResultType.LockResultLockedWithConflict;
    long seen = withConflict ? result.getLockedWithConflictTs() : at;
    if (withConflict) {
      txn.forUpdateTs = Math.max(txn.forUpdateTs, seen);
    }
    acquired(
        change,
        seen,
        result.getExistence() ? Optional.of(result.getValue().toStringUtf8()) : Optional.empty());
  }

  private void acquired(Change change, long seen, Optional<String> value) {
    txn.lockedAt.put(change.key(), seen);
    sim.history.read(seen, Map.of(change.key(), value));
  }

  private CompletableFuture<Void> refused(List<KeyError> errors, Change change, int tries) {
    KeyError error = errors.getFirst();
    boolean again = error.hasConflict() || error.hasLocked();
    if (!again || tries == 0) {
      return new Committer(txn).rollBack().thenCompose(done -> TxnRun.giveUp("not locked"));
    }
    CompletableFuture<Void> cleared = txn.resolve(errors);
    CompletableFuture<Void> ready =
        cleared == null ? CompletableFuture.completedFuture(null) : cleared;
    return ready.thenCompose(done -> {
      txn.forUpdateTs = Math.max(txn.forUpdateTs, sim.oracle.next());
      return lock(change, tries - 1);
    });
  }

  private CompletableFuture<Void> keepAlive() {
    if (sim.random.nextInt(3) > 0) {
      return CompletableFuture.completedFuture(null);
    }
    return txn.session
        .call(
            TxnHeartBeatRequest.newBuilder()
                .setPrimaryLock(ByteString.copyFromUtf8(txn.primary))
                .setStartVersion(txn.startTs)
                .setAdviseLockTtl(txn.lockTtlMillis + sim.random.nextInt(300))
                .build(),
            txn.primary,
            txn.startTs)
        .thenApply(response -> null);
  }
}
