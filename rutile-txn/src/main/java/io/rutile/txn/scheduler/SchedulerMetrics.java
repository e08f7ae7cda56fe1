package io.rutile.txn.scheduler;

import io.rutile.base.metric.CompatCounter;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the scheduler counts, by kind of command. Names and labels are TiKV's. */
public final class SchedulerMetrics {
  private static final double[] SECONDS = Histogram.exponentialBuckets(0.00001, 2.0, 26);
  private static final double[] KEYS = Histogram.exponentialBuckets(1.0, 2.0, 21);

  private final CompatCounter stages;
  private final CompatCounter tooBusy;
  private final CompatCounter commands;
  private final Histogram durations;
  private final Histogram latchWaits;
  private final Histogram processing;
  private final Histogram keysWritten;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

  public SchedulerMetrics(MetricRegistry registry) {
    stages =
        registry.counter(
            "tikv_scheduler_stage_total", "Commands that reached a stage", "type", "stage");
    tooBusy =
        registry.counter(
            "tikv_scheduler_too_busy_total", "Commands refused under pressure", "type");
    commands = registry.counter("tikv_storage_command_total", "Requests taken in", "type");
    durations =
        registry.histogram(
            "tikv_scheduler_command_duration_seconds",
            "From the start of a command to its reply",
            SECONDS,
            "type");
    latchWaits =
        registry.histogram(
            "tikv_scheduler_latch_wait_duration_seconds",
            "Wait for latches and for a thread",
            SECONDS,
            "type");
    processing =
        registry.histogram(
            "tikv_scheduler_processing_read_duration_seconds",
            "Time a command spent reading and deciding",
            SECONDS,
            "type");
    keysWritten =
        registry.histogram(
            "tikv_scheduler_kv_command_key_write", "Changes that a command wrote", KEYS, "type");
  }

  /** Counts a request that was taken in. */
  public void request(String tag) {
    kind(tag).requests.increment();
  }

  /** Counts requests that were taken in together. */
  public void requests(String tag, int count) {
    kind(tag).requests.add(count);
  }

  void tooBusy(String tag) {
    tooBusy.labels(tag).increment();
  }

  Kind kind(String tag) {
    Kind kind = kinds.get(tag);
    return kind == null ? kinds.computeIfAbsent(tag, Kind::new) : kind;
  }

  /** The series of one kind of command. */
  final class Kind {
    private final CompatCounter.Child requests;
    private final CompatCounter.Child snapshots;
    private final CompatCounter.Child writes;
    private final CompatCounter.Child done;
    private final Histogram.Child duration;
    private final Histogram.Child latchWait;
    private final Histogram.Child process;
    private final Histogram.Child keys;

    private Kind(String tag) {
      requests = commands.labels(tag);
      snapshots = stages.labels(tag, "snapshot");
      writes = stages.labels(tag, "write");
      done = stages.labels(tag, "done");
      duration = durations.labels(tag);
      latchWait = latchWaits.labels(tag);
      process = processing.labels(tag);
      keys = keysWritten.labels(tag);
    }

    void latched(long nanos) {
      snapshots.increment();
      latchWait.observeNanos(nanos);
    }

    void processed(long nanos) {
      process.observeNanos(nanos);
    }

    void written(int changes) {
      writes.increment();
      keys.observe(changes);
    }

    void finished(long nanos) {
      done.increment();
      duration.observeNanos(nanos);
    }
  }
}
