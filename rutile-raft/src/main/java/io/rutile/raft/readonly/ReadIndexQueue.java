package io.rutile.raft.readonly;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reads that wait for a heartbeat round to confirm leadership. All requests between two rounds
 * share the next one, so that the cost of a confirmation does not grow with the number of reads.
 *
 * <p>A request's index is the commit index when it came in, or, if the leader had then not yet
 * committed an entry of its own term, when it first has: an older leader may have acknowledged
 * writes that this one does not know to be committed before.
 */
public final class ReadIndexQueue {
  /** Requests that wait for the first commit of the term; more are dropped, as if lost. */
  public static final int MAX_DEFERRED = 4096;

  /** Requests that wait for a round; more are dropped, as if lost. */
  public static final int MAX_WAITING = 1 << 16;

  private record Waiting(ReadRequest request, long index, long round) {}

  /** A request and the index that it may read at. */
  public record Confirmed(ReadRequest request, long index) {}

  private final ArrayDeque<ReadRequest> deferred = new ArrayDeque<>();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Keeps a request until the term's first commit. */
  public void defer(ReadRequest request) {
    if (deferred.size() < MAX_DEFERRED) {
      deferred.add(request);
    }
  }

  /** The next request that waited for the term's first commit. */
  public @Nullable ReadRequest pollDeferred() {
    return deferred.poll();
  }

  /** The request may read at {@code index} once {@code round} is confirmed. */
  public void add(ReadRequest request, long index, long round) {
    if (waiting.size() < MAX_WAITING) {
      waiting.add(new Waiting(request, index, round));
    }
  }

  /** The next request that a confirmation of {@code round} answers. */
  public @Nullable Confirmed poll(long round) {
    Waiting first = waiting.peek();
    if (first == null || first.round > round) {
      return null;
    }
    waiting.remove();
    return new Confirmed(first.request, first.index);
  }
}
