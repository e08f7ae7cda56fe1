package io.rutile.store.apply;

import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.RegionErrorException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The writes that share one proposed entry, and who waits for them. Made by the store loop, passed
 * on to the apply worker with the committed entry, completed there.
 *
 * @param proposedNanos monotonic time at which the entry was proposed
 */
public record PendingWrite(
    long term, long index, long proposedNanos, List<CompletableFuture<Applied>> waiters) {

  void succeed() {
    Applied applied = new Applied(term, index);
    for (CompletableFuture<Applied> waiter : waiters) {
      waiter.complete(applied);
    }
  }

  public void fail(RegionErrorException error) {
    for (CompletableFuture<Applied> waiter : waiters) {
      waiter.completeExceptionally(error);
    }
  }
}
