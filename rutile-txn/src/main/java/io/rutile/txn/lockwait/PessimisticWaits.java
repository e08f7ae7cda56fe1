package io.rutile.txn.lockwait;

import io.rutile.base.clock.Clock;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.txn.command.AcquirePessimisticLock;
import io.rutile.txn.command.WriteResult.LockWait;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.scheduler.CommandWork;
import io.rutile.txn.scheduler.CommandWork.LockWaits;
import io.rutile.txn.scheduler.TxnScheduler;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How one pessimistic lock request waits, possibly several times. Its time to wait runs from the
 * first wait on. Owned by the request.
 */
public final class PessimisticWaits implements LockWaits<PessimisticLockResponse> {
  private final AcquirePessimisticLock command;
  private final LockManager manager;
  private final TxnScheduler scheduler;
  private final Clock clock;
  private final long deadlineNanos;

  /**
   * Set while the request runs again after a release: what to do should it end without the lock.
   */
  private volatile @Nullable Runnable notLocked;

  public PessimisticWaits(
      AcquirePessimisticLock command, LockManager manager, TxnScheduler scheduler, Clock clock) {
    this.command = command;
    this.manager = manager;
    this.scheduler = scheduler;
    this.clock = clock;
    this.deadlineNanos =
        clock.monotonicNanos()
            + manager.timeoutNanos(Math.max(0, command.request().getWaitTimeout()));
  }

  @Override
  public void waitForLock(
      CommandWork<PessimisticLockResponse> work,
      LockWait wait,
      CompletableFuture<PessimisticLockResponse> reply) {
    notLocked = null;
    long left = deadlineNanos - clock.monotonicNanos();
    if (!wait.mayWait() || command.request().getWaitTimeout() < 0 || left <= 0) {
      reply.complete(command.failure(new TxnError.KeyIsLocked(wait.lock()).exception()));
      return;
    }
    manager.await(request(work, wait, reply), wait.lock(), left);
  }

  private WaitRequest request(
      CommandWork<PessimisticLockResponse> work,
      LockWait wait,
      CompletableFuture<PessimisticLockResponse> reply) {
    PessimisticLockRequest request = command.request();
    boolean shared =
        request.getMutationsList().stream()
            .anyMatch(mutation ->
                mutation.getKey().equals(wait.lock().getKey())
                    && mutation.getOp() == Op.SharedPessimisticLock);
    return new WaitRequest(
        request.getContext().getRegionId(),
        wait.encodedKey(),
        wait.lock().getKey().toByteArray(),
        request.getStartVersion(),
        request.getPrimaryLock().toByteArray(),
        request.getIsFirstLock(),
        shared,
        command.isForceLock(),
        request.getContext().getResourceGroupTag(),
        new Answers(work, reply));
  }

  private final class Answers implements WaitRequest.Answers {
    private final CommandWork<PessimisticLockResponse> work;
    private final CompletableFuture<PessimisticLockResponse> reply;

    Answers(
        CommandWork<PessimisticLockResponse> work,
        CompletableFuture<PessimisticLockResponse> reply) {
      this.work = work;
      this.reply = reply;
    }

    @Override
    public void refuse(TxnError error) {
      reply.complete(command.failure(error.exception()));
    }

    @Override
    public void refuse(RegionErrorException error) {
      reply.complete(command.regionError(error.error()));
    }

    @Override
    public void resume(Runnable onNotLocked) {
      notLocked = onNotLocked;
      reply.whenComplete((response, failure) -> ended(response, failure));
      scheduler.resume(work, reply);
    }

    private void ended(@Nullable PessimisticLockResponse response, @Nullable Throwable failure) {
      Runnable action = notLocked;
      notLocked = null;
      if (action != null && (failure != null || response == null || !holdsLock(response))) {
        action.run();
      }
    }

    /** A request that met no error has the lock, unless it wanted existing keys only. */
    private boolean holdsLock(PessimisticLockResponse response) {
      return !response.hasRegionError()
          && response.getErrorsCount() == 0
          && (!command.request().getLockOnlyIfExists()
              || (response.getResultsCount() > 0 && response.getResults(0).getExistence()));
    }
  }
}
