package io.rutile.txn.scheduler;

import com.google.protobuf.Message;
import io.rutile.base.clock.Clock;
import io.rutile.proto.kvrpcpb.CommandPri;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.latch.Latches;
import io.rutile.txn.pool.TaskPool;
import io.rutile.txn.read.ReadExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs {@link Work}: one after the other where keys are shared, at the same time where not.
 *
 * <p>The way of a command: admission and latches on the calling thread; snapshot and {@code
 * process} in one task on the pool; the proposal; then, on the thread that completes it, memory
 * locks are taken back, waiters for released locks are found, latches are given back (which passes
 * the next commands to the pool) and the reply completes. The snapshot's term is fixed in the
 * proposal, so that a change of leader in between fails it.
 *
 * <p>Threads: any may schedule; nothing blocks.
 */
public final class TxnScheduler {
  /**
   * What a scheduler works with.
   *
   * @param locks hears of locks that come and go
   * @param statuses is told which transactions were committed
   */
  public record Parts(
      RegionGate gate,
      TaskPool pool,
      Clock clock,
      FlowControl flow,
      LockEvents locks,
      TxnStatusCache statuses,
      SchedulerMetrics metrics) {}

  /**
   * Limits ({@code storage.scheduler-concurrency}, {@code
   * storage.scheduler-pending-write-threshold}, {@code storage.memory-quota}).
   */
  public record Limits(int latchSlots, long pendingWriteThreshold, long memoryQuota) {}

  private final Parts parts;
  private final Latches latches;
  private final AdmissionControl admission;

  public TxnScheduler(Parts parts, Limits limits) {
    this.parts = parts;
    this.latches = new Latches(limits.latchSlots());
    this.admission =
        new AdmissionControl(parts.flow(), limits.pendingWriteThreshold(), limits.memoryQuota());
  }

  /** Changes the limits that can change online. */
  public void setLimits(long pendingWriteThreshold, long memoryQuota) {
    admission.setLimits(pendingWriteThreshold, memoryQuota);
  }

  /** Bytes of writes that are under way. */
  public long pendingWriteBytes() {
    return admission.pendingWriteBytes();
  }

  public <R extends Message> CompletionStage<R> schedule(Work<R> work) {
    CompletableFuture<R> reply = new CompletableFuture<>();
    boolean exempt = work.isSystem() || work.context().getPriority() == CommandPri.High;
    if (admission.enter(work.writeBytes(), exempt)) {
      start(work, reply, false);
    } else {
      parts.metrics().tooBusy(work.tag());
      reply.complete(work.regionError(RegionErrors.serverIsBusy("scheduler is busy").error()));
    }
    return reply;
  }

  /** Runs work that follows from work admitted before; it is not refused for lack of room. */
  public <R extends Message> void resume(Work<R> work, CompletableFuture<R> reply) {
    admission.enter(work.writeBytes(), true);
    start(work, reply, true);
  }

  private <R extends Message> void start(
      Work<R> work, CompletableFuture<R> reply, boolean admittedBefore) {
    new CommandRun<>(this, work, reply, ReadExecutor.withDeadline(work.context(), parts.clock()))
        .start(admittedBefore);
  }

  Parts parts() {
    return parts;
  }

  Latches latches() {
    return latches;
  }

  AdmissionControl admission() {
    return admission;
  }
}
