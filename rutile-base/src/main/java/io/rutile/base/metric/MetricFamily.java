package io.rutile.base.metric;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The children of one metric name by label values. Looking up a child hashes its labels: hot paths
 * look up once and keep the child. Safe for use by any thread.
 */
abstract class MetricFamily<C> implements Collector {
  final MetricMetadata metadata;
  final List<String> labelNames;
  private final Map<List<String>, C> children = new ConcurrentHashMap<>();

  MetricFamily(String name, String help, String... labelNames) {
    this.metadata = new MetricMetadata(name, help);
    this.labelNames = List.of(labelNames);
  }

  abstract C newChild();

  abstract MetricSnapshot snapshot();

  /**
   * The child with these label values, made when it is new.
   *
   * @throws IllegalArgumentException when the number of values is not that of the label names
   */
  public final C labels(String... values) {
    if (values.length != labelNames.size()) {
      throw new IllegalArgumentException(
          metadata.getName() + " has labels " + labelNames + ", got " + Arrays.toString(values));
    }
    return children.computeIfAbsent(List.of(values), ignored -> newChild());
  }

  /** Forgets the child with these label values, for things that cease to exist. */
  public final void remove(String... values) {
    children.remove(List.of(values));
  }

  final Map<List<String>, C> children() {
    return children;
  }

  final Labels labelsOf(List<String> values) {
    return Labels.of(labelNames, values);
  }

  @Override
  public final MetricSnapshot collect() {
    return snapshot();
  }
}
