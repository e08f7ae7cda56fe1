package io.rutile.server.service;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs requests that failed for no reason of the caller's: damaged data and broken invariants. At
 * most one a second, since thousands of requests may meet the same damage. Safe for use by any
 * thread.
 */
final class FailureReport {
  private static final Logger LOG = LoggerFactory.getLogger(FailureReport.class);
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Clock clock;
  private final AtomicLong lastLogged;

  FailureReport(Clock clock) {
    this.clock = clock;
    this.lastLogged = new AtomicLong(clock.monotonicNanos() - LOG_NANOS);
  }

  /**
   * @param type the kind of request
   */
  void failed(String type, Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    ErrorCategory category =
        cause instanceof RutileException known ? known.category() : ErrorCategory.BUG;
    boolean worthALine = category == ErrorCategory.CORRUPTION || category == ErrorCategory.BUG;
    long now = clock.monotonicNanos();
    long last = lastLogged.get();
    if (worthALine && now - last >= LOG_NANOS && lastLogged.compareAndSet(last, now)) {
      LOG.error("a request of type {} failed", type, cause);
    }
  }
}
