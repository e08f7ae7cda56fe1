package io.rutile.pd.config;

import io.rutile.base.config.OneOf;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableDuration;

/**
 * PD's section {@code schedule}. Component names are PD's keys in camel case; limits count
 * operators under way unless said otherwise.
 *
 * @param maxMergeRegionSize MiB above which a region is not merged away; 0 switches merging off
 * @param maxMergeRegionKeys keys above which a region is not merged away; 0 for 10,000 per MiB
 * @param lowSpaceRatio used share of a disk from which a store gets nothing more
 * @param highSpaceRatio used share of a disk below which space does not count in scores
 * @param tolerantSizeRatio imbalance tolerated, in average region sizes; 0 for a computed value
 */
public record ScheduleConfig(
    @Range(min = "0") long maxSnapshotCount,
    @Range(min = "0") long maxPendingPeerCount,
    @Range(min = "0") long maxMergeRegionSize,
    @Range(min = "0") long maxMergeRegionKeys,
    ReadableDuration splitMergeInterval,
    boolean enableOneWayMerge,
    boolean enableCrossTableMerge,
    ReadableDuration patrolRegionInterval,
    ReadableDuration maxStoreDownTime,
    ReadableDuration maxStorePreparingTime,
    @Range(min = "0") long leaderScheduleLimit,
    @OneOf({"count", "size"}) String leaderSchedulePolicy,
    @Range(min = "0") long regionScheduleLimit,
    @Range(min = "0") long witnessScheduleLimit,
    @Range(min = "0") long replicaScheduleLimit,
    @Range(min = "0") long mergeScheduleLimit,
    @Range(min = "0") long hotRegionScheduleLimit,
    @Range(min = "0") long hotRegionCacheHitsThreshold,
    @Range(min = "0") double tolerantSizeRatio,
    @Range(min = "0", max = "1") double lowSpaceRatio,
    @Range(min = "0", max = "1") double highSpaceRatio,
    @OneOf({"v1", "v2"}) String regionScoreFormulaVersion,
    @Range(min = "0") long schedulerMaxWaitingOperator,
    boolean enableRemoveDownReplica,
    boolean enableReplaceOfflineReplica,
    boolean enableMakeUpReplica,
    boolean enableRemoveExtraReplica,
    boolean enableLocationReplacement,
    boolean enableJointConsensus,
    boolean enableTikvSplitRegion,
    ReadableDuration hotRegionsWriteInterval,
    @Range(min = "0") long hotRegionsReservedDays,
    @Range(min = "0") long maxMovableHotPeerSize,
    boolean enableDiagnostic,
    boolean enableWitness,
    @OneOf({"v1", "v2"}) String storeLimitVersion,
    boolean haltScheduling) {
  public static final ScheduleConfig DEFAULT =
      new ScheduleConfig(
          64,
          64,
          54,
          0,
          ReadableDuration.parse("1h"),
          false,
          true,
          ReadableDuration.parse("10ms"),
          ReadableDuration.parse("30m"),
          ReadableDuration.parse("48h"),
          4,
          "count",
          2048,
          4,
          64,
          8,
          4,
          3,
          0,
          0.8,
          0.7,
          "v2",
          5,
          true,
          true,
          true,
          true,
          true,
          true,
          true,
          ReadableDuration.parse("10m"),
          7,
          512,
          true,
          false,
          "v1",
          false);

  /** Keys above which a region is not merged away. */
  public long effectiveMaxMergeRegionKeys() {
    return maxMergeRegionKeys == 0 ? maxMergeRegionSize * 10_000 : maxMergeRegionKeys;
  }
}
