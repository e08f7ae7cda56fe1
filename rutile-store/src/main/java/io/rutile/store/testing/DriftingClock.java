package io.rutile.store.testing;

import io.rutile.base.clock.Clock;

/** A store's own monotonic clock, which goes a little faster or slower than true time. */
final class DriftingClock implements Clock {
  private final SimClock truth;
  private final double pace;

  /**
   * @param pace 1 for an exact clock, more for a fast one
   */
  DriftingClock(SimClock truth, double pace) {
    this.truth = truth;
    this.pace = pace;
  }

  @Override
  public long wallMillis() {
    return truth.wallMillis();
  }

  @Override
  public long monotonicNanos() {
    return (long) (truth.monotonicNanos() * pace);
  }

  /** The first true moment at which this clock shows at least {@code nanos}. */
  long toTrueNanos(long nanos) {
    if (nanos == Long.MAX_VALUE || pace == 1) {
      return nanos;
    }
    return (long) Math.ceil(nanos / pace) + 1;
  }
}
