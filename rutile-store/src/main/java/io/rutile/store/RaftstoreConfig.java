package io.rutile.store;

import java.time.Duration;

/**
 * The {@code [raftstore]} section as the store uses it, with the limits of {@code [coprocessor]}
 * and {@code [server]} that decide splits and snapshots. Item names, units and defaults are TiKV's;
 * grouped here by what they tune.
 */
public record RaftstoreConfig(
    Election election,
    Log log,
    Split split,
    Heartbeat heartbeat,
    Peers peers,
    Snapshots snapshots,
    Pools pools) {

  /**
   * Ticks and leases.
   *
   * @param baseTick raft-base-tick-interval
   * @param heartbeatTicks raft-heartbeat-ticks
   * @param electionTicks raft-election-timeout-ticks
   * @param minElectionTicks raft-min-election-timeout-ticks, 0 for electionTicks
   * @param maxElectionTicks raft-max-election-timeout-ticks, 0 for twice electionTicks
   * @param maxLeaderLease raft-store-max-leader-lease, below the election timeout
   * @param allowUnsafeVoteAfterStart allow-unsafe-vote-after-start: vote at once after a restart,
   *     although a lease that this store supported may still be valid
   * @param readIndexRetryTicks raft-read-index-retry-interval-ticks
   */
  public record Election(
      boolean prevote,
      Duration baseTick,
      int heartbeatTicks,
      int electionTicks,
      int minElectionTicks,
      int maxElectionTicks,
      Duration maxLeaderLease,
      boolean allowUnsafeVoteAfterStart,
      int readIndexRetryTicks,
      boolean hibernateRegions) {
    public static Election defaults() {
      return new Election(
          true, Duration.ofSeconds(1), 2, 10, 0, 0, Duration.ofSeconds(9), false, 4, true);
    }
  }

  /**
   * The Raft log.
   *
   * @param maxSizePerMessageBytes raft-max-size-per-msg
   * @param maxInflightMessages raft-max-inflight-msgs
   * @param entryMaxBytes raft-entry-max-size
   * @param gcTick raft-log-gc-tick-interval
   * @param gcThreshold raft-log-gc-threshold: entries that stay without being worth a compaction
   * @param gcCountLimit raft-log-gc-count-limit: compact past slow followers beyond this many
   * @param gcSizeLimitBytes raft-log-gc-size-limit: likewise for bytes
   * @param reserveMaxTicks raft-log-reserve-max-ticks
   * @param entryCacheBytes entries kept in memory, over all regions of the store
   * @param cmdBatch cmd-batch: several writes may share an entry
   */
  public record Log(
      long maxSizePerMessageBytes,
      int maxInflightMessages,
      long entryMaxBytes,
      Duration gcTick,
      long gcThreshold,
      long gcCountLimit,
      long gcSizeLimitBytes,
      int reserveMaxTicks,
      long entryCacheBytes,
      boolean cmdBatch) {
    public static Log defaults() {
      return new Log(
          1L << 20,
          256,
          8L << 20,
          Duration.ofSeconds(3),
          50,
          196_608,
          192L << 20,
          6,
          64L << 20,
          true);
    }
  }

  /**
   * When and where regions split.
   *
   * @param checkTick split-region-check-tick-interval
   * @param checkDiffBytes region-split-check-diff: written since the last check
   * @param regionMaxBytes coprocessor.region-max-size
   * @param regionSplitBytes coprocessor.region-split-size
   * @param regionMaxKeys coprocessor.region-max-keys
   * @param regionSplitKeys coprocessor.region-split-keys
   * @param batchSplitLimit coprocessor.batch-split-limit
   * @param rightDerive right-derive-when-split: the last part keeps the region's id
   */
  public record Split(
      Duration checkTick,
      long checkDiffBytes,
      long regionMaxBytes,
      long regionSplitBytes,
      long regionMaxKeys,
      long regionSplitKeys,
      int batchSplitLimit,
      boolean rightDerive) {
    public static Split defaults() {
      return new Split(
          Duration.ofSeconds(10),
          16L << 20,
          384L << 20,
          256L << 20,
          3_840_000,
          2_560_000,
          10,
          true);
    }
  }

  /**
   * Reports.
   *
   * @param region pd-heartbeat-tick-interval
   * @param store pd-store-heartbeat-tick-interval
   */
  public record Heartbeat(Duration region, Duration store) {
    public static Heartbeat defaults() {
      return new Heartbeat(Duration.ofMinutes(1), Duration.ofSeconds(10));
    }
  }

  /**
   * Peers that come and go.
   *
   * @param maxPeerDown max-peer-down-duration
   * @param maxLeaderMissing max-leader-missing-duration
   * @param abnormalLeaderMissing abnormal-leader-missing-duration
   * @param staleCheck peer-stale-state-check-interval
   * @param leaderTransferMaxLogLag leader-transfer-max-log-lag, in entries
   * @param mergeMaxLogGap merge-max-log-gap, in entries
   * @param mergeCheck merge-check-tick-interval
   * @param consistencyCheck consistency-check-interval, zero for never
   * @param gcPeerCheck gc-peer-check-interval
   */
  public record Peers(
      Duration maxPeerDown,
      Duration maxLeaderMissing,
      Duration abnormalLeaderMissing,
      Duration staleCheck,
      long leaderTransferMaxLogLag,
      long mergeMaxLogGap,
      Duration mergeCheck,
      Duration consistencyCheck,
      Duration gcPeerCheck) {
    public static Peers defaults() {
      return new Peers(
          Duration.ofMinutes(10),
          Duration.ofHours(2),
          Duration.ofMinutes(10),
          Duration.ofMinutes(5),
          128,
          10,
          Duration.ofSeconds(2),
          Duration.ZERO,
          Duration.ofSeconds(60));
    }
  }

  /**
   * Snapshots.
   *
   * @param gcTick snap-mgr-gc-tick-interval
   * @param gcTimeout snap-gc-timeout
   * @param ioMaxBytesPerSecond server.snap-io-max-bytes-per-sec
   * @param maxConcurrentSend server.concurrent-send-snap-limit
   * @param maxConcurrentReceive server.concurrent-recv-snap-limit
   * @param maxFileBytes max-snapshot-file-raw-size
   */
  public record Snapshots(
      Duration gcTick,
      Duration gcTimeout,
      long ioMaxBytesPerSecond,
      int maxConcurrentSend,
      int maxConcurrentReceive,
      long maxFileBytes) {
    public static Snapshots defaults() {
      return new Snapshots(
          Duration.ofMinutes(1), Duration.ofHours(4), 100L << 20, 32, 32, 100L << 20);
    }
  }

  /**
   * Threads and queues.
   *
   * @param storeLoops store-pool-size
   * @param applyWorkers apply-pool-size
   * @param backgroundWorkers snap-generator-pool-size
   * @param notifyCapacity notify-capacity: commands that may wait at one loop
   * @param messagesPerTick messages-per-tick: commands that one turn handles
   */
  public record Pools(
      int storeLoops,
      int applyWorkers,
      int backgroundWorkers,
      int notifyCapacity,
      int messagesPerTick) {
    public static Pools defaults() {
      return new Pools(2, 2, 2, 40_960, 4_096);
    }
  }

  public static RaftstoreConfig defaults() {
    return new RaftstoreConfig(
        Election.defaults(),
        Log.defaults(),
        Split.defaults(),
        Heartbeat.defaults(),
        Peers.defaults(),
        Snapshots.defaults(),
        Pools.defaults());
  }
}
