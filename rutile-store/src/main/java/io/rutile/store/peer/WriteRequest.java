package io.rutile.store.peer;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.WriteBatchData.DiskFull;
import java.util.concurrent.CompletableFuture;

/**
 * A write on its way to its region's peer, already encoded.
 *
 * @param term what the proposal must still find, 0 for any
 * @param flags of the command header, as TiKV numbers them
 * @param requests encoded {@code requests} fields of a command
 */
public record WriteRequest(
    Context context,
    long term,
    long deadlineNanos,
    DiskFull diskFull,
    long flags,
    byte[] requests,
    CompletableFuture<Applied> done) {
  public void fail(RegionErrorException error) {
    done.completeExceptionally(error);
  }
}
