package io.rutile.pd.config;

import java.util.Arrays;

/** What settings must fulfil together, checked before any is made durable. Stateless. */
public final class ConfigRules {
  private static final int MAX_REPLICAS = 100;

  private ConfigRules() {}

  /**
   * @throws ConfigException naming the first rule that does not hold
   */
  public static PdConfig checked(PdConfig config) {
    ScheduleConfig schedule = config.schedule();
    ReplicationConfig replication = config.replication();
    require(
        replication.maxReplicas() >= 1 && replication.maxReplicas() <= MAX_REPLICAS,
        "replication.max-replicas must be from 1 to " + MAX_REPLICAS);
    require(
        ratio(schedule.lowSpaceRatio()) && ratio(schedule.highSpaceRatio()),
        "schedule.low-space-ratio and schedule.high-space-ratio must be from 0 to 1");
    require(
        schedule.lowSpaceRatio() > schedule.highSpaceRatio(),
        "schedule.low-space-ratio must be greater than schedule.high-space-ratio");
    require(schedule.tolerantSizeRatio() >= 0, "schedule.tolerant-size-ratio must not be negative");
    require(
        oneOf(schedule.leaderSchedulePolicy(), "count", "size"),
        "schedule.leader-schedule-policy must be count or size");
    require(
        oneOf(schedule.regionScoreFormulaVersion(), "v1", "v2"),
        "schedule.region-score-formula-version must be v1 or v2");
    require(
        oneOf(schedule.storeLimitVersion(), "v1", "v2"),
        "schedule.store-limit-version must be v1 or v2");
    require(
        oneOf(config.pdServer().keyType(), "table", "raw", "txn"),
        "pd-server.key-type must be table, raw or txn");
    require(
        replication.isolationLevel().isEmpty()
            || replication.locationLabels().contains(replication.isolationLevel()),
        "replication.isolation-level must be one of replication.location-labels");
    return config;
  }

  private static boolean ratio(double value) {
    return value >= 0 && value <= 1;
  }

  private static boolean oneOf(String value, String... allowed) {
    return Arrays.asList(allowed).contains(value);
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new ConfigException(rule);
    }
  }
}
