package io.rutile.store;

import io.rutile.base.metric.CompatCounter;
import io.rutile.base.metric.Gauge;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;

/** The store's metrics, under TiKV's names and with its buckets. Safe for use by any thread. */
public final class StoreMetrics {
  private static final double[] LOG_SECONDS = Histogram.exponentialBuckets(0.00001, 2.0, 26);

  private final Histogram.Child appendLog;
  private final Histogram.Child commitLog;
  private final Histogram.Child applyLog;
  private final CompatCounter.Child proposals;
  private final CompatCounter.Child localReads;
  private final CompatCounter.Child readIndexes;
  private final Gauge.Child regions;
  private final Gauge.Child leaders;
  private final Gauge.Child awake;
  private final Gauge.Child hibernated;

  public StoreMetrics(MetricRegistry registry) {
    appendLog =
        registry
            .histogram(
                "tikv_raftstore_append_log_duration_seconds",
                "Bucketed histogram of peer appending log duration.",
                LOG_SECONDS)
            .labels();
    commitLog =
        registry
            .histogram(
                "tikv_raftstore_commit_log_duration_seconds",
                "Bucketed histogram of peer commits logs duration.",
                LOG_SECONDS)
            .labels();
    applyLog =
        registry
            .histogram(
                "tikv_raftstore_apply_log_duration_seconds",
                "Bucketed histogram of peer applying log duration.",
                LOG_SECONDS)
            .labels();
    CompatCounter proposed =
        registry.counter("tikv_raftstore_proposal_total", "Total number of proposal made.", "type");
    proposals = proposed.labels("normal");
    localReads = proposed.labels("local_read");
    readIndexes = proposed.labels("read_index");
    Gauge counts =
        registry.gauge(
            "tikv_raftstore_region_count", "Number of regions collected in store.", "type");
    regions = counts.labels("region");
    leaders = counts.labels("leader");
    Gauge sleep =
        registry.gauge(
            "tikv_raftstore_hibernated_peer_state",
            "Number of peers in hibernated state.",
            "state");
    awake = sleep.labels("awaken");
    hibernated = sleep.labels("hibernated");
  }

  /** The log writer made a batch durable. */
  public void appendLog(long nanos) {
    appendLog.observeNanos(nanos);
  }

  /** A proposal was committed so long after it was made. */
  public void commitLog(long nanos) {
    commitLog.observeNanos(nanos);
  }

  /** An apply worker wrote a batch. */
  public void applyLog(long nanos) {
    applyLog.observeNanos(nanos);
  }

  public void proposed() {
    proposals.increment();
  }

  public void localRead() {
    localReads.increment();
  }

  public void readIndex() {
    readIndexes.increment();
  }

  public void hibernated(int awakePeers, int sleepingPeers) {
    awake.set(awakePeers);
    hibernated.set(sleepingPeers);
  }

  public void counts(int regionCount, int leaderCount) {
    regions.set(regionCount);
    leaders.set(leaderCount);
  }
}
