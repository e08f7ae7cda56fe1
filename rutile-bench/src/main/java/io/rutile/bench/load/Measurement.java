package io.rutile.bench.load;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Latencies and counts of one run. Any thread records; nothing is kept of the time before {@link
 * #start()} and after {@link #stop()}.
 */
final class Measurement {
  private static final long LATENCY_NANOS_MAX = 3_600_000_000_000L;
  private static final int DIGITS = 3;

  private final String name;
  private final ConcurrentHistogram latencies = new ConcurrentHistogram(LATENCY_NANOS_MAX, DIGITS);
  private final LongAdder operations = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private volatile boolean running;
  private long startNanos;
  private long stopNanos;

  Measurement(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  void start() {
    startNanos = System.nanoTime();
    running = true;
  }

  void stop() {
    running = false;
    stopNanos = System.nanoTime();
  }

  void done(long latencyNanos) {
    if (running) {
      operations.increment();
      latencies.recordValue(Math.min(latencyNanos, LATENCY_NANOS_MAX));
    }
  }

  void failed() {
    if (running) {
      errors.increment();
    }
  }

  /** A request was sent again, because its region moved or a lock was met. */
  void retried() {
    if (running) {
      retries.increment();
    }
  }

  long operations() {
    return operations.sum();
  }

  double seconds() {
    return ((running ? System.nanoTime() : stopNanos) - startNanos) / 1e9;
  }

  double perSecond() {
    return operations() / seconds();
  }

  private double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** For JSON: rates per second, latencies in milliseconds. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("operations", operations());
    map.put("seconds", rounded(seconds()));
    map.put("perSecond", rounded(perSecond()));
    map.put("p50Millis", rounded(millis(50)));
    map.put("p95Millis", rounded(millis(95)));
    map.put("p99Millis", rounded(millis(99)));
    map.put("p999Millis", rounded(millis(99.9)));
    map.put("maxMillis", rounded(latencies.getMaxValue() / 1e6));
    map.put("errors", errors.sum());
    map.put("retries", retries.sum());
    return map;
  }

  /** One line of the table whose head is {@link #tableHead()}. */
  String toRow() {
    return String.format(
        Locale.ROOT,
        "%-22s %12.0f %9.3f %9.3f %9.3f %9.3f %9.3f %8d %8d",
        name,
        perSecond(),
        millis(50),
        millis(95),
        millis(99),
        millis(99.9),
        latencies.getMaxValue() / 1e6,
        errors.sum(),
        retries.sum());
  }

  static String tableHead() {
    return String.format(
        Locale.ROOT,
        "%-22s %12s %9s %9s %9s %9s %9s %8s %8s",
        "",
        "ops/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms",
        "errors",
        "retries");
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
