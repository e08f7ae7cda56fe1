package io.rutile.txn.scheduler;

import com.google.protobuf.Message;
import io.rutile.base.error.RutileException;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.command.WriteResult.LockWait;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler runs: a transactional command or an atomic raw write.
 *
 * @param <R> the response message
 */
public interface Work<R extends Message> {
  /** The name that metrics use. */
  String tag();

  Context context();

  /** Encoded keys to latch. */
  List<byte[]> latchKeys();

  /** Approximate bytes that this adds to the pending writes. */
  long writeBytes();

  /** System work finishes other work: high priority, never refused for pressure. */
  boolean isSystem();

  /** Whether an almost full disk must take the write. */
  boolean allowedOnAlmostFullDisk();

  /**
   * What {@link #process} has to wait for, once the latches are held and the snapshot is taken;
   * null for nothing. A failed stage refuses the work.
   */
  @Nullable CompletionStage<?> ready(RegionSnapshot snapshot);

  /** Computes what to write; on a pool thread, under the latches. Refuses by throwing. */
  WriteResult<R> process(RegionSnapshot snapshot);

  /**
   * Takes over a request that has to wait for a lock: it must complete {@code reply} in the end.
   * Called under the latches, so no release of that lock can be missed.
   */
  void waitForLock(LockWait wait, CompletableFuture<R> reply);

  /** The response to a request that the region did not take. */
  R regionError(Error error);

  /** The response to a request that was refused; may rethrow what is not the request's fault. */
  R refused(RutileException refusal);
}
