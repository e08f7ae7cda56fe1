package io.rutile.pd.config;

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
    long maxSnapshotCount,
    long maxPendingPeerCount,
    long maxMergeRegionSize,
    long maxMergeRegionKeys,
    ConfigDuration splitMergeInterval,
    boolean enableOneWayMerge,
    boolean enableCrossTableMerge,
    ConfigDuration patrolRegionInterval,
    ConfigDuration maxStoreDownTime,
    ConfigDuration maxStorePreparingTime,
    long leaderScheduleLimit,
    String leaderSchedulePolicy,
    long regionScheduleLimit,
    long witnessScheduleLimit,
    long replicaScheduleLimit,
    long mergeScheduleLimit,
    long hotRegionScheduleLimit,
    long hotRegionCacheHitsThreshold,
    double tolerantSizeRatio,
    double lowSpaceRatio,
    double highSpaceRatio,
    String regionScoreFormulaVersion,
    long schedulerMaxWaitingOperator,
    boolean enableRemoveDownReplica,
    boolean enableReplaceOfflineReplica,
    boolean enableMakeUpReplica,
    boolean enableRemoveExtraReplica,
    boolean enableLocationReplacement,
    boolean enableJointConsensus,
    boolean enableTikvSplitRegion,
    ConfigDuration hotRegionsWriteInterval,
    long hotRegionsReservedDays,
    long maxMovableHotPeerSize,
    boolean enableDiagnostic,
    boolean enableWitness,
    String storeLimitVersion,
    boolean haltScheduling) {
  public static final ScheduleConfig DEFAULT =
      new ScheduleConfig(
          64,
          64,
          54,
          0,
          ConfigDuration.parse("1h"),
          false,
          true,
          ConfigDuration.parse("10ms"),
          ConfigDuration.parse("30m"),
          ConfigDuration.parse("48h"),
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
          ConfigDuration.parse("10m"),
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
