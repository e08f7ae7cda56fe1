package io.rutile.store.peer;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.Snapshot;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Readys of one peer that are not durable yet, with the promises that wait for it. Owned by: store
 * loop. A Ready without a write of its own is durable as soon as all before it are.
 */
final class PersistQueue {
  /**
   * One Ready.
   *
   * @param written whether the log writer will report it
   * @param snapshot what the log begins with anew, null in general
   */
  record Pending(
      long number,
      boolean written,
      @Nullable Snapshot snapshot,
      List<Entry> entries,
      List<Message> promises) {}

  private final ArrayDeque<Pending> queue = new ArrayDeque<>();

  boolean isEmpty() {
    return queue.isEmpty();
  }

  void add(Pending pending) {
    queue.add(pending);
  }

  /** The next Ready that is durable, given that the log writer reported {@code number}. */
  @Nullable Pending pollDurable(long number) {
    Pending first = queue.peekFirst();
    if (first == null || (first.written() && first.number() > number)) {
      return null;
    }
    return queue.pollFirst();
  }
}
