package io.rutile.txn.scheduler;

import com.google.protobuf.Message;
import io.rutile.base.error.RutileException;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.Command;
import io.rutile.txn.command.CommandEnv;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.TxnStatusView;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.command.WriteResult.LockWait;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.mvcc.ReadStatistics;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A transactional command as {@link Work}.
 *
 * @param waits where a request that meets a lock goes; {@link LockWaits#refuse} for commands that
 *     never wait
 */
public record CommandWork<R extends Message>(
    Command<R> command, ConcurrencyView concurrency, TxnStatusView statuses, LockWaits<R> waits)
    implements Work<R> {

  /** Takes over requests that have to wait for a lock. */
  @FunctionalInterface
  public interface LockWaits<R extends Message> {
    void waitForLock(CommandWork<R> work, LockWait wait, CompletableFuture<R> reply);

    /** Answers at once that the key is locked. */
    static <R extends Message> LockWaits<R> refuse() {
      return (work, wait, reply) ->
          reply.complete(work.command().failure(new TxnError.KeyIsLocked(wait.lock()).exception()));
    }
  }

  @Override
  public String tag() {
    return command.tag();
  }

  @Override
  public Context context() {
    return command.context();
  }

  @Override
  public List<byte[]> latchKeys() {
    return command.latchKeys();
  }

  @Override
  public long writeBytes() {
    return command.writeBytes();
  }

  @Override
  public boolean isSystem() {
    return command.isSystem();
  }

  @Override
  public boolean allowedOnAlmostFullDisk() {
    return command.allowedOnAlmostFullDisk();
  }

  @Override
  public @Nullable CompletionStage<?> ready(RegionSnapshot snapshot) {
    return null;
  }

  @Override
  public WriteResult<R> process(RegionSnapshot snapshot) {
    return command.process(new CommandEnv(snapshot, concurrency, statuses, new ReadStatistics()));
  }

  @Override
  public void waitForLock(LockWait wait, CompletableFuture<R> reply) {
    waits.waitForLock(this, wait, reply);
  }

  @Override
  public R regionError(Error error) {
    return command.regionError(error);
  }

  @Override
  public R refused(RutileException refusal) {
    if (refusal instanceof TxnException e) {
      return command.failure(e);
    }
    throw refusal;
  }

  /** The command that continues this one. */
  CommandWork<R> continuedBy(Command<R> next) {
    return new CommandWork<>(next, concurrency, statuses, waits);
  }
}
