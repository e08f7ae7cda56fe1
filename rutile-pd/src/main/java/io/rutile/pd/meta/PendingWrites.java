package io.rutile.pd.meta;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes proposed by this member and not yet answered. Every one is answered exactly once: applied,
 * refused, or, when leadership ends in between, as of unknown outcome.
 *
 * <p>Owned by: the store's thread.
 */
final class PendingWrites {
  private final Map<Long, CompletableFuture<Object>> waiting = new HashMap<>();

  private long lastSequence;

  /**
   * @param start where sequence numbers begin: a random one, since entries of an earlier run of
   *     this member may still be applied and must not answer a write of this run
   */
  PendingWrites(long start) {
    this.lastSequence = start;
  }

  long add(CompletableFuture<Object> done) {
    lastSequence++;
    waiting.put(lastSequence, done);
    return lastSequence;
  }

  void complete(long sequence, @Nullable Object answer) {
    CompletableFuture<Object> done = waiting.remove(sequence);
    if (done != null) {
      done.complete(answer == null ? Boolean.TRUE : answer);
    }
  }

  void refuse(long sequence, MetaStoreException refusal) {
    CompletableFuture<Object> done = waiting.remove(sequence);
    if (done != null) {
      done.completeExceptionally(refusal);
    }
  }

  void failAll(String reason) {
    List<CompletableFuture<Object>> all = List.copyOf(waiting.values());
    waiting.clear();
    MetaStoreException unknown =
        new MetaStoreException(MetaStoreException.Kind.UNKNOWN_OUTCOME, reason);
    all.forEach(done -> done.completeExceptionally(unknown));
  }
}
