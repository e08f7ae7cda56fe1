package io.rutile.base.clock;

/**
 * A clock that stands still until it is moved, for simulations and tests. Both times move together
 * unless the wall clock is made to jump. Safe for use by any thread.
 */
public final class ManualClock implements Clock {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private long wallNanos;
  private long monotonicNanos;

  /**
   * @param wallMillis the first wall-clock time
   */
  public ManualClock(long wallMillis) {
    this.wallNanos = Math.multiplyExact(wallMillis, NANOS_PER_MILLI);
  }

  @Override
  public synchronized long wallMillis() {
    return Math.floorDiv(wallNanos, NANOS_PER_MILLI);
  }

  @Override
  public synchronized long monotonicNanos() {
    return monotonicNanos;
  }

  /** Lets time pass. */
  public synchronized void advanceNanos(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException("time does not go back: " + nanos);
    }
    wallNanos += nanos;
    monotonicNanos += nanos;
  }

  /** Lets time pass. */
  public void advanceMillis(long millis) {
    advanceNanos(Math.multiplyExact(millis, NANOS_PER_MILLI));
  }

  /** Sets the wall clock forward or back without time having passed, as an operator might. */
  public synchronized void jumpWallMillis(long millis) {
    wallNanos += Math.multiplyExact(millis, NANOS_PER_MILLI);
  }
}
