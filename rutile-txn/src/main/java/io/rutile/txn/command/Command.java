package io.rutile.txn.command;

import com.google.protobuf.Message;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.error.TxnException;
import java.util.List;

/**
 * A request that may change data, as the scheduler runs it: latches on {@link #latchKeys()}, a
 * snapshot, {@link #process}, the proposal of what came out, and then the response.
 *
 * @param <R> the response message
 */
public sealed interface Command<R extends Message>
    permits AcquirePessimisticLock,
        BatchRollback,
        CheckSecondaryLocks,
        CheckTxnStatus,
        Cleanup,
        Commit,
        FlashbackCommit,
        FlashbackPrepare,
        FlashbackRewrite,
        FlashbackRollbackLocks,
        Flush,
        PessimisticRollback,
        PessimisticRollbackScan,
        Prewrite,
        ResolveLock,
        ResolveLockLite,
        ResolveLockScan,
        TxnHeartBeat {

  /** The name that metrics and logs use for this kind of command. */
  String tag();

  Context context();

  /** Encoded keys that nobody else may change meanwhile; empty for a scan that prepares another. */
  List<byte[]> latchKeys();

  /** Approximate bytes that this command adds to the pending writes of the scheduler. */
  long writeBytes();

  /** System commands finish other commands' work: they run with high priority whatever is asked. */
  default boolean isSystem() {
    return false;
  }

  /** Whether the command frees space or finishes work, so that an almost full disk must take it. */
  default boolean allowedOnAlmostFullDisk() {
    return false;
  }

  /**
   * Computes the outcome.
   *
   * @throws TxnException when the request is refused; nothing is to be written then
   * @throws io.rutile.txn.gate.RegionErrorException when the region is not fit for it
   */
  WriteResult<R> process(CommandEnv env);

  /** The response to a request that was refused. */
  R failure(TxnException exception);

  /** The response to a request that the region did not take. */
  R regionError(Error error);
}
