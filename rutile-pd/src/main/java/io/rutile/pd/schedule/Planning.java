package io.rutile.pd.schedule;

import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.hot.HotPeers;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.placement.RegionFit;
import io.rutile.pd.schedule.placement.RegionFitter;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.pd.schedule.placement.RuleSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a decision is made from.
 *
 * @param image the cluster at this moment
 * @param operators what is under way; only read here
 * @param ids new peer ids, 0 when none is at hand
 * @param random draws candidates
 * @param shunned stores to which no leader may be brought
 * @param keeping stores from which no leader may be taken
 * @param rules where peers belong, when placement rules are enabled
 * @param labels what was said about key ranges
 * @param hot traffic; only read here
 */
public record Planning(
    ClusterImage image,
    OperatorController operators,
    LongSupplier ids,
    RandomGenerator random,
    Set<Long> shunned,
    Set<Long> keeping,
    RuleSet rules,
    RegionLabels labels,
    HotPeers hot) {
  public ScheduleConfig schedule() {
    return image.config().schedule();
  }

  /** Whether placement rules decide where peers go, and not the section {@code replication}. */
  public boolean byRules() {
    return image.config().replication().enablePlacementRules();
  }

  /** How the region serves its rules; only meaningful while {@link #byRules()}. */
  public RegionFit fit(RegionInfo region) {
    return RegionFitter.fit(rules.of(region), region, image::store);
  }

  /** Whether the region's traffic is such that only the hot region scheduler should move it. */
  public boolean isHot(RegionInfo region) {
    return hot.isHot(region.id(), schedule().hotRegionCacheHitsThreshold());
  }

  public OperatorBuilder plan(String description, OperatorKind kind, RegionInfo region) {
    return new OperatorBuilder(description, kind, region, ids, schedule().enableJointConsensus());
  }
}
