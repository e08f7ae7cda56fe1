package io.rutile.txn.scheduler;

import com.google.protobuf.Message;
import io.rutile.base.error.RutileException;
import io.rutile.txn.command.Command;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.command.WriteResult.LockWait;
import io.rutile.txn.command.WriteResult.TxnOutcome;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.gate.WriteBatchData.DiskFull;
import io.rutile.txn.latch.LatchHold;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.read.ReadExecutor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One run of one command, from its latches to its reply. Owned by one thread at a time; each step
 * hands it to the next.
 */
final class CommandRun<R extends Message> {
  private final TxnScheduler scheduler;
  private final Work<R> work;
  private final CompletableFuture<R> reply;
  private final RegionContext context;
  private final Priority priority;
  private final LatchHold latches;
  private final SchedulerMetrics.Kind metrics;
  private final long startedNanos;

  CommandRun(
      TxnScheduler scheduler, Work<R> work, CompletableFuture<R> reply, RegionContext context) {
    this.scheduler = scheduler;
    this.work = work;
    this.reply = reply;
    this.context = context;
    this.priority = work.isSystem() ? Priority.HIGH : Priority.of(work.context().getPriority());
    this.latches = scheduler.latches().prepare(work.latchKeys(), this::latched);
    this.metrics = scheduler.parts().metrics().kind(work.tag());
    this.startedNanos = scheduler.parts().clock().monotonicNanos();
  }

  void start(boolean admittedBefore) {
    if (!scheduler.latches().acquire(latches)) {
      return;
    }
    if (admittedBefore) {
      latched();
    } else if (!scheduler.parts().pool().offer(priority, this::takeSnapshot)) {
      fail(RegionErrors.serverIsBusy("scheduler is busy"));
    }
  }

  /** Runs on the thread that gave the last latch. */
  private void latched() {
    scheduler.parts().pool().resume(priority, this::takeSnapshot);
  }

  private void takeSnapshot() {
    metrics.latched(scheduler.parts().clock().monotonicNanos() - startedNanos);
    if (expired()) {
      fail(RegionErrors.deadlineExceeded());
      return;
    }
    CompletableFuture<RegionSnapshot> snapshot =
        scheduler.parts().gate().snapshot(context, ReadGuard.LEADER).toCompletableFuture();
    onPool(snapshot, () -> prepare(snapshot));
  }

  private void prepare(CompletableFuture<RegionSnapshot> taken) {
    RegionSnapshot snapshot;
    CompletionStage<?> ready;
    try {
      snapshot = taken.join();
    } catch (CompletionException e) {
      fail(ReadExecutor.cause(e));
      return;
    }
    try {
      ready = work.ready(snapshot);
    } catch (RuntimeException e) {
      snapshot.close();
      fail(e);
      return;
    }
    if (ready == null) {
      process(snapshot);
    } else {
      CompletableFuture<?> future = ready.toCompletableFuture();
      onPool(future, () -> processAfter(future, snapshot));
    }
  }

  private void processAfter(CompletableFuture<?> ready, RegionSnapshot snapshot) {
    try {
      ready.join();
    } catch (CompletionException e) {
      snapshot.close();
      fail(ReadExecutor.cause(e));
      return;
    }
    process(snapshot);
  }

  /** Goes on at once when the stage is complete, else as a task of its own once it is. */
  private void onPool(CompletableFuture<?> stage, Runnable step) {
    if (stage.isDone()) {
      step.run();
    } else {
      stage.whenComplete((value, failure) -> scheduler.parts().pool().resume(priority, step));
    }
  }

  private void process(RegionSnapshot taken) {
    WriteResult<R> result;
    long term;
    try (RegionSnapshot snapshot = taken) {
      if (expired()) {
        throw RegionErrors.deadlineExceeded();
      }
      long began = scheduler.parts().clock().monotonicNanos();
      term = snapshot.term();
      result = work.process(snapshot);
      metrics.processed(scheduler.parts().clock().monotonicNanos() - began);
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    proceed(result, term);
  }

  private void proceed(WriteResult<R> result, long term) {
    LockWait wait = result.lockWait();
    if (wait != null) {
      work.waitForLock(wait, reply);
      leave();
    } else if (result.modifies().isEmpty()) {
      applied(result);
    } else {
      propose(result, term);
    }
  }

  private void propose(WriteResult<R> result, long term) {
    WriteBatchData data = new WriteBatchData(result.modifies(), diskFull(), result.flags());
    metrics.written(result.modifies().size());
    CompletableFuture<Applied> proposal =
        scheduler.parts().gate().propose(context.withTerm(term), data).toCompletableFuture();
    proposal.whenComplete((where, failure) -> {
      if (failure == null) {
        applied(result);
      } else {
        lost(result, ReadExecutor.cause(failure));
      }
    });
  }

  /**
   * The gate tells of a region error only when the write will not be applied, or when this store
   * serves nothing of the region until the write has been settled. Of any other failure nothing is
   * known: the locks stay in memory, so that no reader passes them by.
   */
  private void lost(WriteResult<R> result, Throwable failure) {
    if (failure instanceof RegionErrorException) {
      closeGuards(result.guards());
    }
    fail(failure);
  }

  private void applied(WriteResult<R> result) {
    closeGuards(result.guards());
    for (TxnOutcome outcome : result.statuses()) {
      scheduler.parts().statuses().committed(outcome.startTs(), outcome.commitTs());
    }
    if (!result.released().isEmpty()) {
      scheduler.parts().locks().onReleased(result.released());
    }
    if (!result.acquired().isEmpty()) {
      scheduler.parts().locks().onAcquired(result.acquired());
    }
    Command<R> next = result.next();
    if (next != null && work instanceof CommandWork<R> command) {
      leave();
      scheduler.resume(command.continuedBy(next), reply);
    } else {
      answer(result.response(), null);
    }
  }

  private void fail(Throwable failure) {
    try {
      switch (failure) {
        case RegionErrorException e -> answer(work.regionError(e.error()), null);
        case RutileException e -> answer(work.refused(e), null);
        default -> answer(null, failure);
      }
    } catch (RuntimeException e) {
      answer(null, e);
    }
  }

  private void answer(@Nullable R response, @Nullable Throwable broken) {
    leave();
    metrics.finished(scheduler.parts().clock().monotonicNanos() - startedNanos);
    if (broken != null) {
      reply.completeExceptionally(broken);
    } else {
      reply.complete(response);
    }
  }

  private void leave() {
    scheduler.admission().leave(work.writeBytes());
    scheduler.latches().release(latches);
  }

  private boolean expired() {
    return ReadExecutor.expired(context, scheduler.parts().clock());
  }

  private DiskFull diskFull() {
    DiskFull allowed =
        switch (work.context().getDiskFullOpt()) {
          case AllowedOnAlreadyFull -> DiskFull.ALREADY_FULL;
          case AllowedOnAlmostFull -> DiskFull.ALMOST_FULL;
          case NotAllowedOnFull, UNRECOGNIZED -> DiskFull.NOT_ALLOWED;
        };
    return allowed == DiskFull.NOT_ALLOWED && work.allowedOnAlmostFullDisk()
        ? DiskFull.ALMOST_FULL
        : allowed;
  }

  private static void closeGuards(List<ConcurrencyView.Guard> guards) {
    guards.forEach(ConcurrencyView.Guard::close);
  }
}
