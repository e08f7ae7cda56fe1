package io.rutile.store.rowcache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Says whether something may have changed since it was read. Rows share marks by their hash, so a
 * mark may tell of a change that was another row's, never the other way round.
 *
 * <p>A mark is the number of writes to its rows that are under way, and the end of the last one on
 * a clock that ticks at each end. A writer raises the count <em>before</em> its change can be seen
 * and takes the time <em>after</em> it can be seen by all. So
 *
 * <ul>
 *   <li>a value is current as long as the mark is what it was when the value was;
 *   <li>what is read in a snapshot is current if nothing is under way and the last write ended no
 *       later than the clock stood before the snapshot was taken: a write that the snapshot misses
 *       ends later.
 * </ul>
 *
 * <p>Safe for use by any thread; takes no lock.
 */
final class WriteMarks {
  private static final int MARKS_LOG = 16;
  private static final int MARKS = 1 << MARKS_LOG;

  /** Bits of a mark that count writes under way; the others hold the time. */
  private static final int COUNT_BITS = 20;

  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

  private final AtomicLongArray marks = new AtomicLongArray(MARKS);
  private final AtomicLong everything = new AtomicLong();
  private final AtomicLong clock = new AtomicLong();

  /** The mark that the row of that hash shares. */
  static int indexOf(long hash) {
    return (int) (hash >>> Long.SIZE - MARKS_LOG);
  }

  /** Now, for a snapshot that is taken after this returns. */
  long now() {
    return clock.get();
  }

  /** A write to rows of that mark begins. */
  void begin(int index) {
    marks.getAndIncrement(index);
  }

  /** A write to any number of rows begins. */
  void beginAll() {
    everything.getAndIncrement();
  }

  /** The time for writes that end now: all of a batch share it. */
  long tick() {
    return clock.incrementAndGet();
  }

  void end(int index, long time) {
    marks.getAndUpdate(index, mark -> ended(mark, time));
  }

  void endAll(long time) {
    everything.getAndUpdate(mark -> ended(mark, time));
  }

  private static long ended(long mark, long time) {
    return Math.max(mark >>> COUNT_BITS, time) << COUNT_BITS | (mark & COUNT_MASK) - 1;
  }

  /** The mark as it stands, to be compared later. */
  long mark(int index) {
    return marks.get(index);
  }

  /** The mark of writes to any number of rows. */
  long markOfAll() {
    return everything.get();
  }

  /** Whether what a snapshot taken after {@code time} holds is as current as that mark. */
  static boolean isCurrent(long mark, long time) {
    return (mark & COUNT_MASK) == 0 && mark >>> COUNT_BITS <= time;
  }
}
