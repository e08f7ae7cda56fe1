package io.rutile.verify.txn;

import io.rutile.base.clock.Clock;
import io.rutile.base.codec.TimeStamp;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives out timestamps without a gap for a while, so that a commit timestamp that a store makes up
 * is likely to be the start timestamp of another transaction as well.
 */
final class SimOracle {
  private final Clock clock;
  private final long stepMillis;
  private final Map<Long, Long> givenAtNanos = new HashMap<>();
  private long last;

  SimOracle(Clock clock, long stepMillis) {
    this.clock = clock;
    this.stepMillis = stepMillis;
  }

  long next() {
    long millis = clock.wallMillis() / stepMillis * stepMillis;
    last = Math.max(last + 1, TimeStamp.compose(millis, 0));
    givenAtNanos.put(last, clock.monotonicNanos());
    return last;
  }

  long last() {
    return last;
  }

  /** When a timestamp was given out, 0 for one that was not. */
  long givenAtNanos(long timestamp) {
    return givenAtNanos.getOrDefault(timestamp, 0L);
  }
}
