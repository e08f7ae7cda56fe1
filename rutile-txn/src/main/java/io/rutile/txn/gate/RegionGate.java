package io.rutile.txn.gate;

import io.rutile.base.error.ErrorCategory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Access to the regions of this store, implemented by replication (and by a single engine in unit
 * tests). All checks of a request's region context (store, peer, epoch, term, leadership,
 * flashback, disk space, key range) happen behind it. Safe for use by any thread; nothing here
 * blocks.
 *
 * <p>Both stages fail with {@link RegionErrorException} and with nothing else, unless the store is
 * broken; but a read of a replica that meets a lock in the leader's memory fails with the lock, as
 * if it stood in the data.
 */
public interface RegionGate {
  /**
   * A consistent snapshot of the region that satisfies {@code guard}. With a valid lease the stage
   * is complete on return. The caller closes the snapshot.
   */
  CompletionStage<RegionSnapshot> snapshot(RegionContext context, ReadGuard guard);

  /**
   * Rows for linearizable reads on the leader that cost no snapshot. Null when the region cannot
   * serve such a read at once, whatever the reason: {@link #snapshot} tells.
   */
  default @Nullable HotRows hotRows(RegionContext context) {
    return null;
  }

  /**
   * Replicates and applies {@code data} atomically. The stage completes after the write is applied
   * on the leader; a failure with {@code undetermined_result} means that it may still be applied.
   *
   * <p>Such a failure comes only after this store has stopped serving the region in the term of the
   * proposal, and it does not serve it again before the write is applied or replaced in the log.
   * Callers count on that: the latches and memory locks which they hold for the write end with it.
   */
  CompletionStage<Applied> propose(RegionContext context, WriteBatchData data);

  /**
   * Begins a flashback of the region, or ends it. While it goes on, ordinary writes and reads at or
   * above {@code startTs} are refused with flashback_in_progress, and the region keeps its range
   * and its peers. Survives restarts and changes of leader. Doing it twice does no harm.
   *
   * @param startTs of the flashback that begins; 0 when it ends
   */
  default CompletionStage<Void> setFlashback(RegionContext context, long startTs) {
    return CompletableFuture.failedFuture(
        RegionErrors.message(
            "KV:Raftstore:Unknown", ErrorCategory.CALLER, "this region knows no flashback"));
  }
}
