package io.rutile.server.service;

import io.rutile.base.clock.Clock;
import io.rutile.base.metric.CompatCounter;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;
import org.jspecify.annotations.Nullable;

/** Counts and times requests under TiKV's names. Safe for use by any thread. */
final class RpcMetrics {
  private static final double[] SECONDS = Histogram.exponentialBuckets(0.00005, 2, 22);
  private static final double[] BATCH_SIZES = Histogram.exponentialBuckets(1, 2, 10);

  private final Clock clock;
  private final FailureReport report;
  private final Histogram durations;
  private final CompatCounter failures;
  private final Histogram.Child requestBatch;
  private final Histogram.Child responseBatch;

  RpcMetrics(MetricRegistry registry, Clock clock) {
    this.clock = clock;
    this.report = new FailureReport(clock);
    this.durations =
        registry.histogram(
            "tikv_grpc_msg_duration_seconds",
            "Time from the arrival of a request to its response.",
            SECONDS,
            "type",
            "priority");
    this.failures =
        registry.counter("tikv_grpc_msg_fail_total", "Requests that failed in the server.", "type");
    this.requestBatch =
        registry
            .histogram(
                "tikv_server_grpc_req_batch_size",
                "Requests of one BatchCommands frame.",
                BATCH_SIZES)
            .labels();
    this.responseBatch =
        registry
            .histogram(
                "tikv_server_grpc_resp_batch_size",
                "Responses of one BatchCommands frame.",
                BATCH_SIZES)
            .labels();
  }

  /** The time series of one kind of request. */
  Rpc rpc(String type) {
    return new Rpc(type, durations.labels(type, "medium"), failures.labels(type));
  }

  void requestFrame(int items) {
    requestBatch.observe(items);
  }

  void responseFrame(int items) {
    responseBatch.observe(items);
  }

  /** One kind of request. */
  final class Rpc {
    private final String type;
    private final Histogram.Child duration;
    private final CompatCounter.Child failed;

    private Rpc(String type, Histogram.Child duration, CompatCounter.Child failed) {
      this.type = type;
      this.duration = duration;
      this.failed = failed;
    }

    /**
     * Counts requests that arrived together and are answered together.
     *
     * @param beginNanos monotonic time at which they arrived
     */
    void served(long beginNanos, int requests) {
      duration.observeNanos(clock.monotonicNanos() - beginNanos, requests);
    }

    /**
     * @param beginNanos monotonic time at which the request arrived
     * @param failure why it was not served, null when it was
     */
    void served(long beginNanos, @Nullable Throwable failure) {
      duration.observeNanos(clock.monotonicNanos() - beginNanos);
      if (failure != null) {
        failed.increment();
        report.failed(type, failure);
      }
    }
  }
}
