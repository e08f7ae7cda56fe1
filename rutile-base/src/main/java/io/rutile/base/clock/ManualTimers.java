package io.rutile.base.clock;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A clock and timers that stand still until they are moved. Tasks run on the thread that moves the
 * clock, in order of their times, those of one time in the order in which they were set.
 */
public final class ManualTimers implements Timers, Clock {
  private static final class Entry implements Timeout {
    private final long dueNanos;
    private final long number;
    private final Runnable task;
    private final ManualTimers owner;

    Entry(long dueNanos, long number, Runnable task, ManualTimers owner) {
      this.dueNanos = dueNanos;
      this.number = number;
      this.task = task;
      this.owner = owner;
    }

    @Override
    public boolean cancel() {
      return owner.remove(this);
    }
  }

  private final Queue<Entry> entries =
      new PriorityQueue<>(
          Comparator.<Entry>comparingLong(entry -> entry.dueNanos)
              .thenComparingLong(entry -> entry.number));
  private final ManualClock clock;
  private long nextNumber;

  /**
   * @param startWallMillis the wall clock before it is moved
   */
  public ManualTimers(long startWallMillis) {
    this.clock = new ManualClock(startWallMillis);
  }

  @Override
  public long wallMillis() {
    return clock.wallMillis();
  }

  @Override
  public long monotonicNanos() {
    return clock.monotonicNanos();
  }

  @Override
  public synchronized Timeout after(long delayNanos, Runnable task) {
    Entry entry = new Entry(monotonicNanos() + Math.max(0, delayNanos), nextNumber++, task, this);
    entries.add(entry);
    return entry;
  }

  /** Moves the clock on, running what falls due, each task at its own time. */
  public void advanceNanos(long nanos) {
    long until = monotonicNanos() + nanos;
    for (Entry due = nextDue(until); due != null; due = nextDue(until)) {
      due.task.run();
    }
  }

  private synchronized @Nullable Entry nextDue(long until) {
    Entry first = entries.peek();
    if (first == null || first.dueNanos > until) {
      moveTo(until);
      return null;
    }
    moveTo(first.dueNanos);
    return entries.poll();
  }

  private void moveTo(long nanos) {
    clock.advanceNanos(Math.max(0, nanos - clock.monotonicNanos()));
  }

  private synchronized boolean remove(Entry entry) {
    return entries.remove(entry);
  }
}
