package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackResponse;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CleanupResponse;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest.ForUpdateTSConstraint;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.verify.txn.TxnRun.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Commits the changes of a transaction: in two phases, async, or in one phase. */
final class Committer {
  private enum Kind {
    TWO_PHASES,
    ASYNC,
    ONE_PHASE
  }

  private static final int TRIES = 8;

  private final TxnRun txn;
  private final TxnSim sim;
  private Kind kind;
  private final long maxCommitTs;

  /** Above whatever was given out before, so that everybody who begins after the commit sees it. */
  private final long floorTs;

  private long minCommitTs;

  Committer(TxnRun txn) {
    this.txn = txn;
    this.sim = txn.sim;
    int dice = sim.random.nextInt(6);
    this.kind = dice < 2 ? Kind.TWO_PHASES : dice < 4 ? Kind.ASYNC : Kind.ONE_PHASE;
    this.floorTs = sim.oracle.next() + 1;
    this.maxCommitTs =
        sim.random.nextInt(4) == 0 ? sim.oracle.last() + 1 + sim.random.nextInt(8) : 0;
  }

  CompletableFuture<Void> run() {
    txn.intend();
    List<List<ByteString>> groups =
        sim.byRegion(txn.changes.stream().map(Change::keyBytes).toList());
    if (kind == Kind.ONE_PHASE && groups.size() > 1) {
      kind = Kind.ASYNC;
    }
    boolean checks = txn.changes.stream().anyMatch(change -> change.op() == Op.CheckNotExists);
    if (checks && groups.size() > 1) {
      // A check leaves no lock: whoever resolves an async commit would not know that it failed.
      kind = Kind.TWO_PHASES;
    }
    Kind asked = kind;
    return txn.session
        .forAll(groups, group -> prewrite(group, TRIES))
        .thenCompose(done -> txn.mayOversleep())
        .thenCompose(done ->
            switch (kind) {
              case ONE_PHASE -> {
                sim.onePhase++;
                acknowledge(minCommitTs);
                yield CompletableFuture.completedFuture(null);
              }
              case ASYNC -> {
                sim.async++;
                acknowledge(minCommitTs);
                yield commitAll(groups, minCommitTs);
              }
              case TWO_PHASES -> {
                sim.fallBacks += asked == kind ? 0 : 1;
                yield commitPrimary(sim.oracle.next(), TRIES)
                    .thenCompose(commitTs -> commitAll(groups, commitTs));
              }
            });
  }

  /** The locks are there: commits the primary and then the rest. */
  CompletableFuture<Void> commitFlushed() {
    txn.intend();
    List<List<ByteString>> groups =
        sim.byRegion(txn.changes.stream().map(Change::keyBytes).toList());
    return commitPrimary(sim.oracle.next(), TRIES)
        .thenCompose(commitTs -> commitAll(groups, commitTs));
  }

  private void acknowledge(long commitTs) {
    sim.history.acknowledge(txn.startTs, commitTs, sim.timers.monotonicNanos());
  }

  // ---- the first phase ----

  private CompletableFuture<Void> prewrite(List<ByteString> keys, int tries) {
    return txn.mayOversleep()
        .thenCompose(awake ->
            txn.session.<PrewriteResponse>call(
                prewriteOf(keys), keys.getFirst().toStringUtf8(), txn.startTs))
        .thenCompose(response -> {
          if (response.getErrorsCount() == 0) {
            onPrewritten(response);
            return CompletableFuture.completedFuture(null);
          }
          CompletableFuture<Void> cleared =
              tries == 0 ? null : txn.resolve(response.getErrorsList());
          return cleared == null
              ? rollBack().thenCompose(done -> TxnRun.giveUp("not prewritten"))
              : cleared.thenCompose(done -> prewrite(keys, tries - 1));
        });
  }

  private void onPrewritten(PrewriteResponse response) {
    long lowest =
        response.getOnePcCommitTs() != 0 ? response.getOnePcCommitTs() : response.getMinCommitTs();
    if (lowest == 0) {
      kind = Kind.TWO_PHASES;
    } else if (response.getOnePcCommitTs() == 0 && kind == Kind.ONE_PHASE) {
      kind = Kind.ASYNC;
    }
    minCommitTs = Math.max(minCommitTs, lowest);
  }

  private PrewriteRequest prewriteOf(List<ByteString> keys) {
    PrewriteRequest.Builder request =
        PrewriteRequest.newBuilder()
            .setStartVersion(txn.startTs)
            .setPrimaryLock(ByteString.copyFromUtf8(txn.primary))
            .setLockTtl(txn.lockTtlMillis)
            .setForUpdateTs(txn.forUpdateTs)
            .setTxnSize(txn.changes.size());
    if (kind == Kind.TWO_PHASES) {
      request.setMinCommitTs(sim.random.nextInt(3) == 0 ? 0 : txn.startTs + 1);
    } else {
      request
          .setUseAsyncCommit(kind == Kind.ASYNC || sim.random.nextBoolean())
          .setTryOnePc(kind == Kind.ONE_PHASE)
          .setMaxCommitTs(maxCommitTs)
          .setMinCommitTs(floorTs);
    }
    for (Change change : txn.changes) {
      if (keys.contains(change.keyBytes())) {
        add(request, change);
      }
      boolean isSecondary = change.op() != Op.CheckNotExists && !change.key().equals(txn.primary);
      if (request.getUseAsyncCommit() && isSecondary) {
        request.addSecondaries(change.keyBytes());
      }
    }
    return request.build();
  }

  private void add(PrewriteRequest.Builder request, Change change) {
    Long seen = txn.lockedAt.get(change.key());
    boolean locked = seen != null;
    Op op = change.op() == Op.Insert && locked ? Op.Put : change.op();
    if (txn.forUpdateTs != 0) {
      request.addPessimisticActions(
          locked ? PessimisticAction.DO_PESSIMISTIC_CHECK : PessimisticAction.DO_CONSTRAINT_CHECK);
      if (seen != null && (txn.forced.contains(change.key()) || sim.random.nextInt(3) == 0)) {
        request.addForUpdateTsConstraints(
            ForUpdateTSConstraint.newBuilder()
                .setIndex(request.getMutationsCount())
                .setExpectedForUpdateTs(seen));
      }
    }
    request.addMutations(
        Mutation.newBuilder()
            .setOp(op)
            .setKey(change.keyBytes())
            .setValue(ByteString.copyFromUtf8(change.value().orElse(""))));
  }

  // ---- the second phase ----

  private CompletableFuture<Long> commitPrimary(long commitTs, int tries) {
    return commit(List.of(ByteString.copyFromUtf8(txn.primary)), commitTs)
        .thenCompose(response -> {
          if (!response.hasError()) {
            acknowledge(commitTs);
            return CompletableFuture.completedFuture(commitTs);
          }
          if (response.getError().hasCommitTsExpired() && tries > 0) {
            return commitPrimary(sim.oracle.next(), tries - 1);
          }
          if (response.getError().hasTxnLockNotFound()) {
            sim.history.verdict(txn.startTs, 0);
          } else {
            sim.history.violation("commit of a primary: " + response);
          }
          return TxnRun.giveUp("not committed");
        });
  }

  private CompletableFuture<CommitResponse> commit(List<ByteString> keys, long commitTs) {
    return txn.session.call(
        CommitRequest.newBuilder()
            .setStartVersion(txn.startTs)
            .setCommitVersion(commitTs)
            .addAllKeys(keys)
            .build(),
        keys.getFirst().toStringUtf8(),
        txn.startTs);
  }

  private CompletableFuture<Void> commitAll(List<List<ByteString>> groups, long commitTs) {
    List<List<ByteString>> written = new ArrayList<>();
    for (List<ByteString> group : groups) {
      List<ByteString> keys = group.stream().filter(this::isWritten).toList();
      if (!keys.isEmpty()) {
        written.add(keys);
      }
    }
    return txn.session.forAll(
        written,
        keys ->
            commit(keys, commitTs)
                .thenAccept(response -> {
                  if (response.hasError()) {
                    sim.history.violation(
                        txn.startTs + " cannot be committed at " + commitTs + ": " + response);
                  }
                }));
  }

  private boolean isWritten(ByteString key) {
    return txn.changes.stream()
        .anyMatch(
            change -> change.op() != Op.CheckNotExists && change.key().equals(key.toStringUtf8()));
  }

  // ---- the other end ----

  /** Makes sure that nothing of the transaction is ever committed. */
  CompletableFuture<Void> rollBack() {
    List<List<ByteString>> groups =
        sim.byRegion(txn.changes.stream().map(Change::keyBytes).toList());
    return txn.session
        .forAll(groups, this::dropPessimistic)
        .thenCompose(done -> cleanUpPrimary())
        .thenCompose(done -> txn.session.forAll(groups, this::rollBack))
        .thenRun(() -> sim.history.verdict(txn.startTs, 0));
  }

  private CompletableFuture<Void> dropPessimistic(List<ByteString> keys) {
    if (txn.forUpdateTs == 0 || sim.random.nextBoolean()) {
      return CompletableFuture.completedFuture(null);
    }
    return txn.session
        .call(
            PessimisticRollbackRequest.newBuilder()
                .setStartVersion(txn.startTs)
                .setForUpdateTs(txn.forUpdateTs)
                .addAllKeys(keys)
                .build(),
            keys.getFirst().toStringUtf8(),
            txn.startTs)
        .thenApply(response -> null);
  }

  private CompletableFuture<Void> cleanUpPrimary() {
    if (sim.random.nextInt(3) > 0) {
      return CompletableFuture.completedFuture(null);
    }
    return txn.session
        .<CleanupResponse>call(
            CleanupRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(txn.primary))
                .setStartVersion(txn.startTs)
                .build(),
            txn.primary,
            txn.startTs)
        .thenAccept(response -> {
          if (response.hasError() || response.getCommitVersion() != 0) {
            sim.history.violation("cleanup of " + txn.startTs + ": " + response);
          }
        });
  }

  private CompletableFuture<Void> rollBack(List<ByteString> keys) {
    return txn.session
        .<BatchRollbackResponse>call(
            BatchRollbackRequest.newBuilder().setStartVersion(txn.startTs).addAllKeys(keys).build(),
            keys.getFirst().toStringUtf8(),
            txn.startTs)
        .thenAccept(response -> {
          if (response.hasError()) {
            sim.history.violation("rollback of " + txn.startTs + ": " + response);
          }
        });
  }
}
