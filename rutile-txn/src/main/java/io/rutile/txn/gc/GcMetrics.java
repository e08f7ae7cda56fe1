package io.rutile.txn.gc;

import io.rutile.base.metric.CompatCounter;
import io.rutile.base.metric.Gauge;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;

/** What garbage collection counts. Names and labels are TiKV's. */
final class GcMetrics {
  private static final double[] SECONDS = Histogram.exponentialBuckets(0.0005, 2.0, 20);

  final Gauge safePoint;
  final Gauge.Child working;
  final Gauge.Child processed;
  final Gauge.Child skipped;
  final CompatCounter.Child tasks;
  final CompatCounter.Child failures;
  final CompatCounter.Child scannedRecords;
  final CompatCounter.Child removedRecords;
  final Histogram.Child regionSeconds;

  GcMetrics(MetricRegistry registry) {
    safePoint =
        registry.gauge(
            "tikv_gcworker_autogc_safe_point", "The safe point that is being worked up to");
    working =
        registry
            .gauge("tikv_gcworker_autogc_status", "Whether a round is under way", "state")
            .labels("working");
    Gauge regions =
        registry.gauge(
            "tikv_gcworker_autogc_processed_regions",
            "Regions of the present or last round",
            "type");
    processed = regions.labels("scan");
    skipped = regions.labels("skip");
    tasks = registry.counter("tikv_gcworker_gc_tasks_vec", "Regions taken up", "task").labels("gc");
    failures =
        registry
            .counter("tikv_gcworker_gc_task_fail_vec", "Regions that could not be finished", "task")
            .labels("gc");
    CompatCounter records =
        registry.counter("tikv_gcworker_gc_keys", "Records looked at and removed", "cf", "tag");
    scannedRecords = records.labels("write", "total");
    removedRecords = records.labels("write", "deleted");
    regionSeconds =
        registry
            .histogram("tikv_gcworker_gc_task_duration_vec", "Time for a region", SECONDS, "task")
            .labels("gc");
  }
}
