package io.rutile.base.metric;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * All metrics of one server. Asking twice for a name gives the same metric, so that several stores
 * of one process may share a registry; asking with another kind or other labels is a mistake of the
 * program and fails. Safe for use by any thread.
 */
public final class MetricRegistry {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Map<String, MetricFamily<?>> families = new ConcurrentHashMap<>();

  public CompatCounter counter(String name, String help, String... labelNames) {
    return register(
        name, CompatCounter.class, () -> new CompatCounter(name, help, labelNames), labelNames);
  }

  public Gauge gauge(String name, String help, String... labelNames) {
    return register(name, Gauge.class, () -> new Gauge(name, help, labelNames), labelNames);
  }

  /**
   * @param bounds upper bounds of the buckets, rising, without infinity
   */
  public Histogram histogram(String name, String help, double[] bounds, String... labelNames) {
    return register(
        name, Histogram.class, () -> new Histogram(name, help, bounds, labelNames), labelNames);
  }

  /** Everything in the Prometheus text format 0.0.4. */
  public void scrape(OutputStream out) throws IOException {
    PrometheusTextFormatWriter.create().write(out, registry.scrape());
  }

  /** Everything in the Prometheus text format 0.0.4. */
  public byte[] scrape() {
    var out = new ByteArrayOutputStream(1 << 16);
    try {
      scrape(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** The content type to serve {@link #scrape()} with. */
  public static String contentType() {
    return PrometheusTextFormatWriter.CONTENT_TYPE;
  }

  private <M extends MetricFamily<?>> M register(
      String name, Class<M> kind, Supplier<M> maker, String[] labelNames) {
    MetricFamily<?> family =
        families.computeIfAbsent(
            name,
            ignored -> {
              M made = maker.get();
              registry.register(made);
              return made;
            });
    if (!kind.isInstance(family) || !family.labelNames.equals(Arrays.asList(labelNames))) {
      throw new IllegalStateException(
          "metric " + name + " exists as another kind or with other labels " + family.labelNames);
    }
    return kind.cast(family);
  }
}
