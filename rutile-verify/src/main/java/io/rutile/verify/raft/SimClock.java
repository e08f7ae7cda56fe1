package io.rutile.verify.raft;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Virtual time: things happen in the order of their times, and at one time in the order given. */
final class SimClock {
  private record Event(long time, long number, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));

  private long now;
  private long numbers;

  long now() {
    return now;
  }

  void after(long delay, Runnable action) {
    events.add(new Event(now + delay, numbers++, action));
  }

  /**
   * Lets the next thing happen, if it is due by {@code deadline}.
   *
   * @return false when nothing is
   */
  boolean step(long deadline) {
    @Nullable Event next = events.peek();
    if (next == null || next.time() > deadline) {
      now = Math.max(now, deadline);
      return false;
    }
    events.remove();
    now = next.time();
    next.action().run();
    return true;
  }
}
