package io.rutile.base.metric;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.DoubleSupplier;

/** A value that goes up and down, or one that is asked for at each scrape. Safe for any thread. */
public final class Gauge extends MetricFamily<Gauge.Child> {
  Gauge(String name, String help, String... labelNames) {
    super(name, help, labelNames);
  }

  /** Sets a gauge without labels. */
  public void set(double value) {
    labels().set(value);
  }

  @Override
  Child newChild() {
    return new Child();
  }

  @Override
  MetricSnapshot snapshot() {
    return new GaugeSnapshot(
        metadata,
        children().entrySet().stream()
            .map(entry ->
                new GaugeDataPointSnapshot(entry.getValue().get(), labelsOf(entry.getKey()), null))
            .toList());
  }

  /** One time series; keep it where it is used. */
  public static final class Child {
    private volatile DoubleSupplier base = () -> 0;
    private final DoubleAdder delta = new DoubleAdder();

    private Child() {}

    public synchronized void set(double value) {
      delta.reset();
      base = () -> value;
    }

    /** Adds to the value; many threads may do so at once. */
    public void add(double amount) {
      delta.add(amount);
    }

    /** Asks {@code source} at each scrape from now on. It must be quick and must not throw. */
    public synchronized void callback(DoubleSupplier source) {
      delta.reset();
      base = source;
    }

    public double get() {
      return base.getAsDouble() + delta.sum();
    }
  }
}
