package io.rutile.txn.gc;

import java.util.concurrent.TimeUnit;

/**
 * Spreads writes over time: each reservation says how long to wait so that the rate is kept. A
 * write larger than a second's share is let through whole, and the next one waits for it. Safe for
 * use by any thread.
 */
final class WriteLimiter {
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private long bytesPerSecond;
  private long freeAtNanos;
  private boolean used;

  /**
   * @param bytesPerSecond 0 for no limit
   */
  WriteLimiter(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Changes the rate for what is reserved from now on. */
  synchronized void setBytesPerSecond(long newRate) {
    bytesPerSecond = newRate;
    used = false;
  }

  /** Nanoseconds to wait before writing {@code bytes}. */
  synchronized long reserve(long bytes, long nowNanos) {
    if (bytesPerSecond == 0) {
      return 0;
    }
    long begin = used && freeAtNanos - nowNanos > 0 ? freeAtNanos : nowNanos;
    used = true;
    freeAtNanos = begin + (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
    return begin - nowNanos;
  }
}
