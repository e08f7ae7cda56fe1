package io.rutile.txn.storage;

import com.google.protobuf.Message;
import io.rutile.base.clock.Clock;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlashbackToVersionResponse;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionResponse;
import io.rutile.txn.command.Command;
import io.rutile.txn.command.FlashbackRewrite;
import io.rutile.txn.command.FlashbackRollbackLocks;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.read.ReadExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The two requests of a flashback. Preparing it puts the region into a state of its own, which
 * keeps everybody else out, before locks are rolled back; finishing it leaves that state when the
 * old values stand and are committed. Both may be repeated.
 *
 * <p>Safe for use by any thread.
 */
final class FlashbackRequests {
  private final RegionGate gate;
  private final TxnGate checks;
  private final Clock clock;

  FlashbackRequests(RegionGate gate, TxnGate checks, Clock clock) {
    this.gate = gate;
    this.checks = checks;
    this.clock = clock;
  }

  /** Runs a command through the scheduler. */
  @FunctionalInterface
  interface Runner {
    <R extends Message> CompletionStage<R> run(Command<R> command);
  }

  CompletionStage<PrepareFlashbackToVersionResponse> prepare(
      PrepareFlashbackToVersionRequest request, Runner runner) {
    FlashbackRollbackLocks command = new FlashbackRollbackLocks(request);
    TxnError refusal =
        checks.range(
            command.tag(), request.getContext(), request.getStartKey(), request.getEndKey());
    if (refusal != null) {
      return CompletableFuture.completedFuture(command.failure(refusal.exception()));
    }
    try {
      command.check();
    } catch (TxnException e) {
      return CompletableFuture.completedFuture(command.failure(e));
    }
    CompletableFuture<PrepareFlashbackToVersionResponse> reply = new CompletableFuture<>();
    change(command, request.getStartTs())
        .whenComplete((changed, failure) -> {
          if (failure == null) {
            forward(runner.run(command), reply);
          } else {
            refuse(command, failure, reply);
          }
        });
    return reply;
  }

  CompletionStage<FlashbackToVersionResponse> finish(
      FlashbackToVersionRequest request, Runner runner) {
    FlashbackRewrite command = new FlashbackRewrite(request);
    TxnError refusal =
        checks.range(
            command.tag(), request.getContext(), request.getStartKey(), request.getEndKey());
    if (refusal != null) {
      return CompletableFuture.completedFuture(command.failure(refusal.exception()));
    }
    CompletableFuture<FlashbackToVersionResponse> reply = new CompletableFuture<>();
    runner
        .run(command)
        .whenComplete((response, failure) -> {
          if (response == null || response.hasRegionError() || !response.getError().isEmpty()) {
            settle(response, failure, reply);
            return;
          }
          change(command, 0)
              .whenComplete((changed, refused) -> {
                if (refused == null) {
                  reply.complete(response);
                } else {
                  refuse(command, refused, reply);
                }
              });
        });
    return reply;
  }

  private CompletionStage<Void> change(Command<?> command, long startTs) {
    return gate.setFlashback(ReadExecutor.withDeadline(command.context(), clock), startTs);
  }

  private static <R extends Message> void refuse(
      Command<R> command, Throwable failure, CompletableFuture<R> reply) {
    switch (ReadExecutor.cause(failure)) {
      case RegionErrorException e -> reply.complete(command.regionError(e.error()));
      case Throwable broken -> reply.completeExceptionally(broken);
    }
  }

  private static <R> void forward(CompletionStage<R> stage, CompletableFuture<R> reply) {
    stage.whenComplete((response, failure) -> settle(response, failure, reply));
  }

  private static <R> void settle(
      @Nullable R response, @Nullable Throwable failure, CompletableFuture<R> reply) {
    if (failure != null) {
      reply.completeExceptionally(failure);
    } else {
      reply.complete(response);
    }
  }
}
