package io.rutile.txn.raw;

import io.rutile.base.clock.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Causal timestamps taken from the oracle in batches. A batch that runs out, grows old or is
 * flushed is replaced by a new one; writers wait for that one only. The batch doubles while it runs
 * out before it grows old, and shrinks again when it does not.
 *
 * <p>Threads: any, under one monitor; stages complete outside of it. Invariant: timestamps are
 * given out in rising order, in the order in which they were asked for.
 */
public final class BatchedCausalTimestamps implements CausalTimestamps {
  private static final int MIN_BATCH = 100;
  private static final int MAX_BATCH = 8192;

  /** A cached timestamp is given out for this long after its batch was fetched. */
  private static final Duration MAX_AGE = Duration.ofSeconds(3);

  private final IntFunction<CompletionStage<Long>> oracle;
  private final Clock clock;
  private final Queue<CompletableFuture<Long>> waiting = new ArrayDeque<>();
  private int batch = MIN_BATCH;
  private long nextTs;
  private int left;
  private long fetchedAtNanos;
  private long epoch;
  private boolean fetching;

  /**
   * @param oracle asks for so many consecutive timestamps; answers the last of them
   */
  public BatchedCausalTimestamps(IntFunction<CompletionStage<Long>> oracle, Clock clock) {
    this.oracle = oracle;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Long> next() {
    CompletableFuture<Long> reply = new CompletableFuture<>();
    synchronized (this) {
      if (waiting.isEmpty() && left > 0 && !expired()) {
        return CompletableFuture.completedFuture(take());
      }
      waiting.add(reply);
      if (fetching) {
        return reply;
      }
      fetching = true;
      resize();
    }
    fetch();
    return reply;
  }

  @Override
  public synchronized void flush() {
    left = 0;
    epoch++;
  }

  private boolean expired() {
    return clock.monotonicNanos() - fetchedAtNanos > MAX_AGE.toNanos();
  }

  private long take() {
    left--;
    return nextTs++;
  }

  private void resize() {
    if (left > 0) {
      batch = Math.max(MIN_BATCH, batch / 2);
    } else if (fetchedAtNanos != 0) {
      batch = Math.min(MAX_BATCH, batch * 2);
    }
  }

  private void fetch() {
    int count;
    long askedIn;
    synchronized (this) {
      count = Math.max(batch, waiting.size());
      askedIn = epoch;
    }
    oracle.apply(count).whenComplete((last, failure) -> fetched(last, failure, count, askedIn));
  }

  private void fetched(@Nullable Long last, @Nullable Throwable failure, int count, long askedIn) {
    Queue<CompletableFuture<Long>> served = new ArrayDeque<>();
    Queue<Long> stamps = new ArrayDeque<>();
    boolean again;
    synchronized (this) {
      again = last != null && askedIn != epoch;
      if (last != null && !again) {
        nextTs = last - count + 1;
        left = count;
        fetchedAtNanos = clock.monotonicNanos();
        while (left > 0 && !waiting.isEmpty()) {
          stamps.add(take());
          served.add(waiting.remove());
        }
        again = !waiting.isEmpty();
      } else if (last == null) {
        served.addAll(waiting);
        waiting.clear();
      }
      fetching = again;
    }
    for (CompletableFuture<Long> reply : served) {
      if (failure != null) {
        reply.completeExceptionally(failure);
      } else {
        reply.complete(stamps.remove());
      }
    }
    if (again) {
      fetch();
    }
  }
}
