package io.rutile.txn.storage;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.DeleteRangeRequest;
import io.rutile.proto.kvrpcpb.DeleteRangeResponse;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.gate.WriteBatchData.DiskFull;
import io.rutile.txn.gc.RangeDestroyer;
import io.rutile.txn.read.ReadExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Requests that remove whole ranges, below transactions. Any thread. */
final class RangeRequests {
  private static final String UNBOUNDED = "the range needs a start key and an end key";

  private final RegionGate gate;
  private final RangeDestroyer destroyer;
  private final TxnGate checks;
  private final Clock clock;

  RangeRequests(RegionGate gate, RangeDestroyer destroyer, TxnGate checks, Clock clock) {
    this.gate = gate;
    this.destroyer = destroyer;
    this.checks = checks;
    this.clock = clock;
  }

  /** Removes a range of all data families through replication, whatever transactions hold it. */
  CompletionStage<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
    Context context = request.getContext();
    TxnError refusal = checks.version("delete_range", context);
    if (refusal != null) {
      return CompletableFuture.completedFuture(deleteError(refusal.text()));
    }
    if (request.getEndKey().isEmpty()) {
      return CompletableFuture.completedFuture(deleteError("delete range needs an end key"));
    }
    byte[] start = KeyCodec.encode(request.getStartKey().toByteArray());
    byte[] end = KeyCodec.encode(request.getEndKey().toByteArray());
    if (Bytes.compare(start, end) >= 0) {
      return CompletableFuture.completedFuture(DeleteRangeResponse.getDefaultInstance());
    }
    List<Modify> modifies = new ArrayList<>();
    for (Cf cf : Cf.data()) {
      modifies.add(new Modify.DeleteRange(cf, start, end, request.getNotifyOnly()));
    }
    WriteBatchData data = WriteBatchData.of(modifies).withDiskFull(DiskFull.ALMOST_FULL);
    CompletableFuture<DeleteRangeResponse> reply = new CompletableFuture<>();
    gate.propose(ReadExecutor.withDeadline(context, clock), data)
        .whenComplete((applied, failure) -> completeDelete(reply, failure));
    return reply;
  }

  private static void completeDelete(
      CompletableFuture<DeleteRangeResponse> reply, @Nullable Throwable failure) {
    switch (failure == null ? null : ReadExecutor.cause(failure)) {
      case null -> reply.complete(DeleteRangeResponse.getDefaultInstance());
      case RegionErrorException e ->
          reply.complete(DeleteRangeResponse.newBuilder().setRegionError(e.error()).build());
      case Throwable broken -> reply.completeExceptionally(broken);
    }
  }

  CompletionStage<UnsafeDestroyRangeResponse> unsafeDestroyRange(
      UnsafeDestroyRangeRequest request) {
    if (request.getStartKey().isEmpty() || request.getEndKey().isEmpty()) {
      return CompletableFuture.completedFuture(
          UnsafeDestroyRangeResponse.newBuilder().setError(UNBOUNDED).build());
    }
    byte[] start = KeyCodec.encode(request.getStartKey().toByteArray());
    byte[] end = KeyCodec.encode(request.getEndKey().toByteArray());
    if (Bytes.compare(start, end) >= 0) {
      return CompletableFuture.completedFuture(UnsafeDestroyRangeResponse.getDefaultInstance());
    }
    CompletableFuture<UnsafeDestroyRangeResponse> reply = new CompletableFuture<>();
    destroyer.destroy(start, end).whenComplete((done, failure) -> completeDestroy(reply, failure));
    return reply;
  }

  private static void completeDestroy(
      CompletableFuture<UnsafeDestroyRangeResponse> reply, @Nullable Throwable failure) {
    switch (failure == null ? null : ReadExecutor.cause(failure)) {
      case null -> reply.complete(UnsafeDestroyRangeResponse.getDefaultInstance());
      case RegionErrorException e ->
          reply.complete(UnsafeDestroyRangeResponse.newBuilder().setRegionError(e.error()).build());
      case EngineException e ->
          reply.complete(
              UnsafeDestroyRangeResponse.newBuilder()
                  .setError(String.valueOf(e.getMessage()))
                  .build());
      case Throwable broken -> reply.completeExceptionally(broken);
    }
  }

  private static DeleteRangeResponse deleteError(String text) {
    return DeleteRangeResponse.newBuilder().setError(text).build();
  }
}
