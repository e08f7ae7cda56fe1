package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableDuration;
import io.rutile.base.config.ReadableSize;
import org.jspecify.annotations.Nullable;

/** Section {@code [raftstore]}. */
public record RaftstoreSection(
    @Describe("Ask before an election, so that a peer that was away disturbs nobody.")
        boolean prevote,
    @Describe("What PD is told this store can hold; the disk when 0.") ReadableSize capacity,
    @Describe("The unit of elections and leases.") @Range(min = "1ms")
        ReadableDuration raftBaseTickInterval,
    @Describe("Ticks between a leader's heartbeats.") @Range(min = "1") int raftHeartbeatTicks,
    @Describe("Ticks without a heartbeat after which a peer elects.") @Range(min = "2")
        int raftElectionTimeoutTicks,
    @Describe("The least of such ticks; raft-election-timeout-ticks when 0.") @Range(min = "0")
        int raftMinElectionTimeoutTicks,
    @Describe("Their limit; twice raft-election-timeout-ticks when 0.") @Range(min = "0")
        int raftMaxElectionTimeoutTicks,
    @Describe("How long a leader may read without asking; below the election timeout.")
        ReadableDuration raftStoreMaxLeaderLease,
    @Describe("Vote at once after a restart, although a lease may still be valid.")
        boolean allowUnsafeVoteAfterStart,
    @Describe("Ticks after which a leader is asked again for a read index.") @Range(min = "1")
        int raftReadIndexRetryIntervalTicks,
    @Describe("Whether idle regions stop ticking.") boolean hibernateRegions,
    @Describe("Bytes of one message of entries.") @Range(min = "1KB", max = "3GB")
        ReadableSize raftMaxSizePerMsg,
    @Describe("Messages on their way to one follower.") @Range(min = "1", max = "16384")
        int raftMaxInflightMsgs,
    @Describe("The largest entry, and so the largest write.") @Range(min = "1KB", max = "3GB")
        ReadableSize raftEntryMaxSize,
    @Describe("How often logs are looked at for compaction.") @Range(min = "1ms")
        ReadableDuration raftLogGcTickInterval,
    @Describe("Entries that are not worth a compaction.") @Range(min = "1") long raftLogGcThreshold,
    @Describe("Entries beyond which a slow follower is not waited for.") @Range(min = "1")
        @Nullable Long raftLogGcCountLimit,
    @Describe("Bytes beyond which a slow follower is not waited for.")
        @Nullable ReadableSize raftLogGcSizeLimit,
    @Describe("Checks after which few entries are compacted too.") @Range(min = "0")
        int raftLogReserveMaxTicks,
    @Describe("Several writes may share an entry.") boolean cmdBatch,
    @Describe("How often regions are looked at for splits.") @Range(min = "1ms")
        ReadableDuration splitRegionCheckTickInterval,
    @Describe("Bytes written to a region since its last check that make it worth one.")
        @Nullable ReadableSize regionSplitCheckDiff,
    @Describe("After a split, the last part keeps the region's id.") boolean rightDeriveWhenSplit,
    @Describe("How often a leader reports its region to PD.") @Range(min = "1ms")
        ReadableDuration pdHeartbeatTickInterval,
    @Describe("How often the store reports itself to PD.") @Range(min = "1ms")
        ReadableDuration pdStoreHeartbeatTickInterval,
    @Describe("Silence after which a peer is reported as down.")
        ReadableDuration maxPeerDownDuration,
    @Describe("Time without a leader after which a peer asks PD whether it still belongs.")
        ReadableDuration maxLeaderMissingDuration,
    @Describe("Time without a leader that is worth a warning.")
        ReadableDuration abnormalLeaderMissingDuration,
    @Describe("How often peers look whether they have a leader.") @Range(min = "1ms")
        ReadableDuration peerStaleStateCheckInterval,
    @Describe("Entries that a follower may lack to become leader by transfer.") @Range(min = "10")
        long leaderTransferMaxLogLag,
    @Describe("Entries that a peer may lack when its region merges.") @Range(min = "0")
        long mergeMaxLogGap,
    @Describe("How often a merge is driven on.") @Range(min = "1ms")
        ReadableDuration mergeCheckTickInterval,
    @Describe("How often replicas are compared; never when 0.")
        ReadableDuration consistencyCheckInterval,
    @Describe("How often peers that were removed are looked for.") @Range(min = "1ms")
        ReadableDuration gcPeerCheckInterval,
    @Describe("How often snapshot files are looked at for deletion.") @Range(min = "1ms")
        ReadableDuration snapMgrGcTickInterval,
    @Describe("Age at which an unused snapshot file is deleted.") ReadableDuration snapGcTimeout,
    @Describe("Bytes of one snapshot file.") @Range(min = "1KB")
        ReadableSize maxSnapshotFileRawSize,
    @Describe("Threads that drive regions.") @Range(min = "1", max = "256") int storePoolSize,
    @Describe("Threads that apply writes.") @Range(min = "1", max = "256") int applyPoolSize,
    @Describe("Threads that make snapshots.") @Range(min = "1", max = "16")
        int snapGeneratorPoolSize,
    @Describe("Commands that may wait at one thread.") @Range(min = "1") int notifyCapacity,
    @Describe("Commands that a thread handles in one turn.") @Range(min = "1")
        int messagesPerTick) {

  public RaftstoreSection {
    if (raftElectionTimeoutTicks <= raftHeartbeatTicks) {
      throw new IllegalArgumentException(
          "raft-election-timeout-ticks = "
              + raftElectionTimeoutTicks
              + " must be above raft-heartbeat-ticks = "
              + raftHeartbeatTicks);
    }
    long timeoutNanos = raftBaseTickInterval.duration().toNanos() * raftElectionTimeoutTicks;
    if (raftStoreMaxLeaderLease.duration().toNanos() > timeoutNanos) {
      throw new IllegalArgumentException(
          "raft-store-max-leader-lease = \""
              + raftStoreMaxLeaderLease
              + "\" must not be above the election timeout, raft-base-tick-interval *"
              + " raft-election-timeout-ticks");
    }
    int min = raftMinElectionTimeoutTicks;
    int max = raftMaxElectionTimeoutTicks;
    if (min != 0 && min < raftElectionTimeoutTicks || max != 0 && max <= Math.max(min, 1)) {
      throw new IllegalArgumentException(
          "raft-min-election-timeout-ticks must not be below raft-election-timeout-ticks, and"
              + " raft-max-election-timeout-ticks must be above it");
    }
  }

  static RaftstoreSection defaults() {
    return new RaftstoreSection(
        true,
        ReadableSize.bytes(0),
        ReadableDuration.seconds(1),
        2,
        10,
        0,
        0,
        ReadableDuration.seconds(9),
        false,
        4,
        true,
        ReadableSize.mib(1),
        256,
        ReadableSize.mib(8),
        ReadableDuration.seconds(3),
        50,
        null,
        null,
        6,
        true,
        ReadableDuration.seconds(10),
        null,
        true,
        ReadableDuration.minutes(1),
        ReadableDuration.seconds(10),
        ReadableDuration.minutes(10),
        ReadableDuration.hours(2),
        ReadableDuration.minutes(10),
        ReadableDuration.minutes(5),
        128,
        10,
        ReadableDuration.seconds(2),
        ReadableDuration.seconds(0),
        ReadableDuration.seconds(60),
        ReadableDuration.minutes(1),
        ReadableDuration.hours(4),
        ReadableSize.mib(100),
        2,
        2,
        2,
        40_960,
        4_096);
  }
}
