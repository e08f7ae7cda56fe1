package io.rutile.client.kv;

import io.rutile.base.clock.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Pauses that grow up to a bound, until a time limit. One for each request of a caller; used by one
 * thread.
 */
final class Backoff {
  private static final long FIRST_MILLIS = 2;
  private static final long LARGEST_MILLIS = 500;

  private final Clock clock;
  private final long deadlineNanos;
  private long nextMillis = FIRST_MILLIS;

  Backoff(Clock clock, long limitMillis) {
    this.clock = clock;
    this.deadlineNanos = clock.monotonicNanos() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
  }

  /**
   * Waits before the next attempt.
   *
   * @throws KvException TIMEOUT when the limit is reached
   */
  void pause(String reason) {
    long now = clock.monotonicNanos();
    if (now >= deadlineNanos) {
      throw new KvException(KvException.Kind.TIMEOUT, reason);
    }
    // The low digits of the clock are jitter enough to keep clients from retrying in step.
    long millis = nextMillis / 2 + Math.floorMod(now, nextMillis / 2 + 1);
    nextMillis = Math.min(nextMillis * 2, LARGEST_MILLIS);
    long until = Math.min(now + TimeUnit.MILLISECONDS.toNanos(millis), deadlineNanos);
    while (clock.monotonicNanos() < until) {
      LockSupport.parkNanos(until - clock.monotonicNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new KvException(KvException.Kind.TIMEOUT, "interrupted: " + reason);
      }
    }
  }
}
