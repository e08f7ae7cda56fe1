package io.rutile.base.metric;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** Counts of observations by upper bounds. Safe for use by any thread. */
public final class Histogram extends MetricFamily<Histogram.Child> {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double[] bounds;

  Histogram(String name, String help, double[] bounds, String... labelNames) {
    super(name, help, labelNames);
    this.bounds = bounds.clone();
    for (int i = 1; i < bounds.length; i++) {
      if (bounds[i] <= bounds[i - 1]) {
        throw new IllegalArgumentException(name + ": bounds must rise: " + Arrays.toString(bounds));
      }
    }
  }

  /** {@code count} upper bounds, each {@code factor} times the one before, as TiKV makes them. */
  public static double[] exponentialBuckets(double start, double factor, int count) {
    double[] bounds = new double[count];
    double next = start;
    for (int i = 0; i < count; i++) {
      bounds[i] = next;
      next *= factor;
    }
    return bounds;
  }

  /** {@code count} upper bounds, {@code width} apart. */
  public static double[] linearBuckets(double start, double width, int count) {
    double[] bounds = new double[count];
    for (int i = 0; i < count; i++) {
      bounds[i] = start + i * width;
    }
    return bounds;
  }

  /** Observes on a histogram without labels. */
  public void observe(double value) {
    labels().observe(value);
  }

  @Override
  Child newChild() {
    return new Child(bounds);
  }

  @Override
  MetricSnapshot snapshot() {
    return new HistogramSnapshot(
        metadata,
        children().entrySet().stream()
            .map(entry -> {
              Child child = entry.getValue();
              return new HistogramDataPointSnapshot(
                  child.buckets(), child.sum.sum(), labelsOf(entry.getKey()), Exemplars.EMPTY, 0L);
            })
            .toList());
  }

  /** One set of buckets; keep it where it is used. */
  public static final class Child {
    private final double[] bounds;
    private final LongAdder[] counts;
    private final DoubleAdder sum = new DoubleAdder();

    private Child(double[] bounds) {
      this.bounds = bounds;
      this.counts = new LongAdder[bounds.length + 1];
      Arrays.setAll(counts, i -> new LongAdder());
    }

    public void observe(double value) {
      observe(value, 1);
    }

    /** Observes the same value {@code times} times. */
    public void observe(double value, int times) {
      int at = Arrays.binarySearch(bounds, value);
      counts[at >= 0 ? at : -at - 1].add(times);
      sum.add(value * times);
    }

    /** Observes a time span in the base unit of Prometheus, seconds. */
    public void observeNanos(long nanos) {
      observe(nanos / NANOS_PER_SECOND, 1);
    }

    /** Observes the same time span {@code times} times. */
    public void observeNanos(long nanos, int times) {
      observe(nanos / NANOS_PER_SECOND, times);
    }

    public long count() {
      long total = 0;
      for (LongAdder count : counts) {
        total += count.sum();
      }
      return total;
    }

    private ClassicHistogramBuckets buckets() {
      ClassicHistogramBuckets.Builder builder = ClassicHistogramBuckets.builder();
      for (int i = 0; i < counts.length; i++) {
        double bound = i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY;
        builder.bucket(bound, counts[i].sum());
      }
      return builder.build();
    }
  }
}
