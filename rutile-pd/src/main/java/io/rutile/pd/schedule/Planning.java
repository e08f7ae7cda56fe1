package io.rutile.pd.schedule;

import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.operator.OperatorKind;
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
 * @param evicted stores that must not lead
 */
public record Planning(
    ClusterImage image,
    OperatorController operators,
    LongSupplier ids,
    RandomGenerator random,
    Set<Long> evicted) {
  public ScheduleConfig schedule() {
    return image.config().schedule();
  }

  public OperatorBuilder plan(String description, OperatorKind kind, RegionInfo region) {
    return new OperatorBuilder(description, kind, region, ids, schedule().enableJointConsensus());
  }
}
