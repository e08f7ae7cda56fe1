package io.rutile.pd.config;

/**
 * PD's section {@code replication}.
 *
 * @param maxReplicas peers of a region, at least 1
 * @param locationLabels store label keys from the widest to the narrowest failure domain, separated
 *     by commas
 * @param strictlyMatchLabel whether a store's labels must be exactly the location labels
 * @param enablePlacementRules whether placement rules decide where peers go
 * @param enablePlacementRulesCache whether fits of regions to rules are cached
 * @param isolationLevel the location label at which no two peers of a region may be equal; empty
 *     for none
 */
public record ReplicationConfig(
    int maxReplicas,
    String locationLabels,
    boolean strictlyMatchLabel,
    boolean enablePlacementRules,
    boolean enablePlacementRulesCache,
    String isolationLevel) {
  public static final ReplicationConfig DEFAULT =
      new ReplicationConfig(3, "", false, true, false, "");

  public ReplicationConfig withMaxReplicas(int replicas) {
    return new ReplicationConfig(
        replicas,
        locationLabels,
        strictlyMatchLabel,
        enablePlacementRules,
        enablePlacementRulesCache,
        isolationLevel);
  }

  public ReplicationConfig withLocationLabels(String labels) {
    return new ReplicationConfig(
        maxReplicas,
        labels,
        strictlyMatchLabel,
        enablePlacementRules,
        enablePlacementRulesCache,
        isolationLevel);
  }

  public ReplicationConfig withIsolationLevel(String level) {
    return new ReplicationConfig(
        maxReplicas,
        locationLabels,
        strictlyMatchLabel,
        enablePlacementRules,
        enablePlacementRulesCache,
        level);
  }

  public ReplicationConfig withPlacementRules(boolean enabled) {
    return new ReplicationConfig(
        maxReplicas,
        locationLabels,
        strictlyMatchLabel,
        enabled,
        enablePlacementRulesCache,
        isolationLevel);
  }
}
