package io.rutile.pd.config;

import io.rutile.base.config.Range;
import java.util.List;

/**
 * PD's section {@code replication}.
 *
 * @param maxReplicas peers of a region, at least 1
 * @param locationLabels store label keys from the widest to the narrowest failure domain
 * @param strictlyMatchLabel whether a store's labels must be exactly the location labels
 * @param enablePlacementRules whether placement rules decide where peers go
 * @param enablePlacementRulesCache whether fits of regions to rules are cached
 * @param isolationLevel the location label at which no two peers of a region may be equal; empty
 *     for none
 */
public record ReplicationConfig(
    @Range(min = "1", max = "100") int maxReplicas,
    List<String> locationLabels,
    boolean strictlyMatchLabel,
    boolean enablePlacementRules,
    boolean enablePlacementRulesCache,
    String isolationLevel) {
  public ReplicationConfig {
    locationLabels = List.copyOf(locationLabels);
  }

  public static final ReplicationConfig DEFAULT =
      new ReplicationConfig(3, List.of(), false, true, false, "");

  public ReplicationConfig withMaxReplicas(int replicas) {
    return new ReplicationConfig(
        replicas,
        locationLabels,
        strictlyMatchLabel,
        enablePlacementRules,
        enablePlacementRulesCache,
        isolationLevel);
  }

  public ReplicationConfig withLocationLabels(List<String> labels) {
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
