package io.rutile.store.testing;

import io.rutile.base.clock.Clock;

/** Time that passes only when the simulator says so. Used by one thread. */
public final class SimClock implements Clock {
  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final long START_MILLIS = 1_700_000_000_000L;

  private long nanos;

  @Override
  public long wallMillis() {
    return START_MILLIS + nanos / NANOS_PER_MILLI;
  }

  @Override
  public long monotonicNanos() {
    return nanos;
  }

  void advanceTo(long to) {
    if (to > nanos) {
      nanos = to;
    }
  }
}
