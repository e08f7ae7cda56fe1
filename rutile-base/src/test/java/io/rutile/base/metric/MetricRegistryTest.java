package io.rutile.base.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MetricRegistryTest {
  private final MetricRegistry registry = new MetricRegistry();

  @Test
  void countersKeepTheirNames() {
    CompatCounter counter =
        registry.counter("tikv_engine_flow_bytes", "Bytes and keys of read/written", "db", "type");
    CompatCounter.Child child = counter.labels("kv", "bytes_read");
    child.add(41);
    child.increment();
    registry.counter("tikv_server_raft_message_recv_total", "Messages").increment();
    assertThat(text())
        .contains("# TYPE tikv_engine_flow_bytes untyped")
        .contains("tikv_engine_flow_bytes{db=\"kv\",type=\"bytes_read\"} 42.0")
        .contains("tikv_server_raft_message_recv_total 1.0")
        .doesNotContain("_total_total")
        .doesNotContain("tikv_engine_flow_bytes_total");
  }

  @Test
  void gaugesMayAsk() {
    Gauge gauge = registry.gauge("tikv_store_size_bytes", "Sizes", "type");
    gauge.labels("capacity").set(10);
    gauge.labels("capacity").add(-3);
    gauge.labels("available").callback(() -> 5);
    assertThat(text())
        .contains("tikv_store_size_bytes{type=\"capacity\"} 7.0")
        .contains("tikv_store_size_bytes{type=\"available\"} 5.0");
    gauge.remove("capacity");
    assertThat(text()).doesNotContain("capacity");
  }

  @Test
  void histogramsCountUpToAndWithTheirBounds() {
    Histogram histogram =
        registry.histogram(
            "tikv_grpc_msg_duration_seconds",
            "Durations",
            Histogram.exponentialBuckets(0.0005, 2, 20),
            "type");
    Histogram.Child child = histogram.labels("kv_get");
    child.observeNanos(500_000);
    child.observeNanos(500_001);
    child.observe(1e9);
    assertThat(child.count()).isEqualTo(3);
    assertThat(text())
        .contains("tikv_grpc_msg_duration_seconds_bucket{type=\"kv_get\",le=\"5.0E-4\"} 1")
        .contains("tikv_grpc_msg_duration_seconds_bucket{type=\"kv_get\",le=\"0.001\"} 2")
        .contains("tikv_grpc_msg_duration_seconds_bucket{type=\"kv_get\",le=\"262.144\"} 2")
        .contains("tikv_grpc_msg_duration_seconds_bucket{type=\"kv_get\",le=\"+Inf\"} 3")
        .contains("tikv_grpc_msg_duration_seconds_count{type=\"kv_get\"} 3");
  }

  @Test
  void oneNameIsOneMetric() {
    assertThat(registry.counter("a", "h", "x")).isSameAs(registry.counter("a", "h", "x"));
    assertThatThrownBy(() -> registry.counter("a", "h", "y"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a exists");
    assertThatThrownBy(() -> registry.gauge("a", "h", "x"))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> registry.counter("a", "h", "x").labels("1", "2"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private String text() {
    return new String(registry.scrape(), StandardCharsets.UTF_8);
  }
}
