package io.rutile.base.metric;

import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.concurrent.atomic.LongAdder;

/**
 * A counter that keeps its name. Most of TiKV's counters do not end in {@code _total}, and its
 * dashboards query them by name, while the Prometheus client renders every counter with that
 * suffix; so the samples are exposed as untyped, for which {@code rate()} works just the same. Safe
 * for use by any thread.
 */
public final class CompatCounter extends MetricFamily<CompatCounter.Child> {
  CompatCounter(String name, String help, String... labelNames) {
    super(name, help, labelNames);
    if (labelNames.length == 0) {
      labels();
    }
  }

  /** Adds one to a counter without labels. */
  public void increment() {
    labels().increment();
  }

  /** Adds to a counter without labels. */
  public void add(long amount) {
    labels().add(amount);
  }

  @Override
  Child newChild() {
    return new Child();
  }

  @Override
  MetricSnapshot snapshot() {
    return new UnknownSnapshot(
        metadata,
        children().entrySet().stream()
            .map(entry ->
                new UnknownDataPointSnapshot(
                    entry.getValue().value.sum(), labelsOf(entry.getKey()), null))
            .toList());
  }

  /** One time series; keep it where it is used. */
  public static final class Child {
    private final LongAdder value = new LongAdder();

    private Child() {}

    public void increment() {
      value.increment();
    }

    public void add(long amount) {
      value.add(amount);
    }

    public long get() {
      return value.sum();
    }
  }
}
