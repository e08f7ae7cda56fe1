package io.rutile.verify.txn;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.txn.storage.TxnKv;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Carries requests to the leaders of regions and answers back: late, twice, or not at all. Each
 * request that reaches a store which lives on must be answered in the end.
 */
final class SimNetwork {
  /** Longer than any request may wait in a store. */
  static final long TIMEOUT_NANOS = 400 * SimOptions.MILLI;

  private static final long LATE_MAX_NANOS = 200 * SimOptions.MILLI;

  private record Call(SimStore store, Message request, long startTs) {}

  private final TxnSim sim;
  private final Set<Call> calls = new LinkedHashSet<>();
  private long requests;

  SimNetwork(TxnSim sim) {
    this.sim = sim;
  }

  long requests() {
    return requests;
  }

  boolean isIdle() {
    return calls.isEmpty();
  }

  String unanswered() {
    return calls.toString().replace('\n', ' ');
  }

  /**
   * Sends a request once.
   *
   * @param startTs of the transaction that it is about
   * @return fails with {@link Unanswered} when no answer comes in time
   */
  CompletableFuture<Message> send(Message request, SimRegion region, long startTs, boolean retry) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    Message addressed = addressed(request, region, retry);
    requests++;
    if (!lost()) {
      deliverLater(addressed, region, startTs, sim.delay(), answer);
    }
    if (!sim.isCalm() && sim.random.nextInt(100) < sim.options.latePercent()) {
      long late = sim.random.nextLong(LATE_MAX_NANOS);
      deliverLater(addressed, region, startTs, late, new CompletableFuture<>());
    }
    sim.after(TIMEOUT_NANOS, () -> answer.completeExceptionally(new Unanswered("timed out")));
    return answer;
  }

  private boolean lost() {
    return !sim.isCalm() && sim.random.nextInt(100) < sim.options.lossPercent();
  }

  /** While a message of a transaction is on its way, garbage is not collected past that. */
  private void deliverLater(
      Message request,
      SimRegion region,
      long startTs,
      long delayNanos,
      CompletableFuture<Message> answer) {
    sim.open.begin(startTs);
    sim.after(
        delayNanos,
        () -> {
          deliver(request, region, startTs, answer);
          sim.open.end(startTs);
        });
  }

  private void deliver(
      Message request, SimRegion region, long startTs, CompletableFuture<Message> answer) {
    SimStore leader = region.leader();
    SimStore store = leader == null || sim.random.nextInt(50) == 0 ? sim.anyStore() : leader;
    Call call = new Call(store, request, startTs);
    calls.add(call);
    sim.note(() -> "request " + request);
    sim.open.begin(startTs);
    dispatch(store.storage().txn(), request)
        .whenComplete((response, failure) -> {
          sim.note(() -> "answer " + response + " to " + request);
          if (calls.remove(call)) {
            sim.open.end(startTs);
          }
          if (failure != null) {
            sim.history.violation("request broke: " + request + " " + failure);
          } else if (store.isAlive() && !lost()) {
            sim.trace(response);
            sim.after(sim.delay(), () -> answer.complete(response));
          }
        });
  }

  /** What waits in a store that crashed is never answered. */
  void onCrash(SimStore store) {
    calls.removeIf(call -> {
      boolean gone = call.store() == store;
      if (gone) {
        sim.open.end(call.startTs());
      }
      return gone;
    });
  }

  private static Message addressed(Message request, SimRegion region, boolean retry) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("context");
    Context context =
        ((Context) request.getField(field))
            .toBuilder().setRegionId(region.id).setIsRetryRequest(retry).build();
    return request.toBuilder().setField(field, context).build();
  }

  /** A get that arrives in a frame with others, which may find its row at hand. */
  private static CompletableFuture<GetResponse> framed(TxnKv txn, GetRequest request) {
    CompletableFuture<GetResponse> answer = new CompletableFuture<>();
    txn.getAll(List.of(request), (indexes, responses) -> answer.complete(responses.getFirst()));
    return answer;
  }

  private CompletionStage<? extends Message> dispatch(TxnKv txn, Message request) {
    return switch (request) {
      case GetRequest r -> sim.random.nextBoolean() ? txn.get(r) : framed(txn, r);
      case BatchGetRequest r -> txn.batchGet(r);
      case ScanRequest r -> txn.scan(r);
      case ScanLockRequest r -> txn.scanLock(r);
      case BufferBatchGetRequest r -> txn.bufferBatchGet(r);
      case PrewriteRequest r -> txn.prewrite(r);
      case CommitRequest r -> txn.commit(r);
      case CleanupRequest r -> txn.cleanup(r);
      case BatchRollbackRequest r -> txn.batchRollback(r);
      case TxnHeartBeatRequest r -> txn.txnHeartBeat(r);
      case CheckTxnStatusRequest r -> txn.checkTxnStatus(r);
      case CheckSecondaryLocksRequest r -> txn.checkSecondaryLocks(r);
      case ResolveLockRequest r -> txn.resolveLock(r);
      case PessimisticLockRequest r -> txn.pessimisticLock(r);
      case PessimisticRollbackRequest r -> txn.pessimisticRollback(r);
      case FlushRequest r -> txn.flush(r);
      default -> throw new IllegalArgumentException(request.getClass().getName());
    };
  }
}
