package io.rutile.txn.concurrency;

import io.rutile.base.clock.Clock;
import io.rutile.base.codec.TimeStamp;
import io.rutile.base.error.ErrorCategory;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The largest timestamp that the oracle can have given out by now, as far as this store can tell: a
 * timestamp it saw, moved on by the time that has passed since. A request with a larger one would
 * raise max_ts into the future and make every later commit wait for it, so it is refused.
 *
 * <p>Threads: any. Before the first timestamp is seen there is no limit.
 */
final class MaxTsLimit {
  /**
   * How far the oracle's clock may run ahead of this store's between two looks at it, where no
   * drift is granted.
   */
  static final Duration EXACT_TOLERANCE = Duration.ofSeconds(3);

  private record Seen(long physicalMillis, long atNanos) {}

  private final Clock clock;
  private final long maxDriftMillis;
  private volatile @Nullable Seen seen;

  MaxTsLimit(Clock clock, Duration maxDrift) {
    this.clock = clock;
    this.maxDriftMillis = maxDrift.toMillis();
  }

  void onOracleTimestamp(long timestamp) {
    long physical = TimeStamp.physicalMillis(timestamp);
    Seen before = seen;
    if (before == null || physical >= before.physicalMillis()) {
      seen = new Seen(physical, clock.monotonicNanos());
    }
  }

  void check(long timestamp, boolean exact) {
    Seen last = seen;
    if (last == null) {
      return;
    }
    long passed = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNanos() - last.atNanos());
    long allowance = exact ? EXACT_TOLERANCE.toMillis() : maxDriftMillis;
    long limitMillis = last.physicalMillis() + passed + allowance;
    if (TimeStamp.physicalMillis(timestamp) > limitMillis) {
      throw invalid(timestamp, TimeStamp.compose(limitMillis, 0));
    }
  }

  private static RegionErrorException invalid(long timestamp, long limit) {
    return RegionErrors.message(
        "KV:Storage:InvalidMaxTsUpdate",
        ErrorCategory.CALLER,
        "invalid max_ts update: "
            + Long.toUnsignedString(timestamp)
            + " is larger than what the timestamp oracle can have given out, limit "
            + Long.toUnsignedString(limit));
  }
}
