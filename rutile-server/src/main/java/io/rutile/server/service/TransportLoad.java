package io.rutile.server.service;

import io.rutile.base.clock.Clock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * CPU use of the transport's threads, in percent of one core (280 means 2.8 cores). Clients use it
 * to decide how long to collect requests into one frame.
 *
 * <p>Measured at most once a second, by whichever thread asks first; the others get the last
 * figure. Safe for use by any thread.
 */
final class TransportLoad implements LongSupplier {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String threadPrefix;
  private final Clock clock;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final AtomicBoolean measuring = new AtomicBoolean();
  private volatile long percent;
  private volatile long measuredNanos;
  private long lastCpuNanos;

  /**
   * @param threadPrefix what the names of the transport's threads begin with
   */
  TransportLoad(String threadPrefix, Clock clock) {
    this.threadPrefix = threadPrefix;
    this.clock = clock;
    this.measuredNanos = clock.monotonicNanos();
    this.lastCpuNanos = cpuNanos();
  }

  @Override
  public long getAsLong() {
    long now = clock.monotonicNanos();
    if (now - measuredNanos >= INTERVAL_NANOS && measuring.compareAndSet(false, true)) {
      try {
        measure(now);
      } finally {
        measuring.set(false);
      }
    }
    return percent;
  }

  private void measure(long now) {
    long cpu = cpuNanos();
    long elapsed = Math.max(1, now - measuredNanos);
    percent = Math.max(0, (cpu - lastCpuNanos) * 100 / elapsed);
    lastCpuNanos = cpu;
    measuredNanos = now;
  }

  private long cpuNanos() {
    long total = 0;
    long[] ids = threads.getAllThreadIds();
    ThreadInfo[] infos = threads.getThreadInfo(ids);
    for (int i = 0; i < ids.length; i++) {
      if (infos[i] != null && infos[i].getThreadName().startsWith(threadPrefix)) {
        total += Math.max(0, threads.getThreadCpuTime(ids[i]));
      }
    }
    return total;
  }
}
