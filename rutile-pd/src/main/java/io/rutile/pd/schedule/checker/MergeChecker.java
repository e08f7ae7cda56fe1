package io.rutile.pd.schedule.checker;

import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.operator.OperatorKind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Merges a small region into a neighbour. First the small one's peers are brought to the stores of
 * the neighbour. Regions that split lately, and everything for a while after start, are left alone.
 *
 * <p>Owned by: the cluster loop.
 */
public final class MergeChecker {
  /** A neighbour larger than this, in MiB, is not merged into. */
  private static final long MAX_TARGET_MIB = 500;

  private static final long SWEEP_NANOS = 1_000_000_000L;

  private final long startNanos;
  private final Map<Long, Long> splitNanos = new HashMap<>();

  private long sweptNanos;

  public MergeChecker(long startNanos) {
    this.startNanos = startNanos;
    this.sweptNanos = startNanos;
  }

  /** The region came out of a split. */
  public void noteSplit(long regionId, long nowNanos) {
    splitNanos.put(regionId, nowNanos);
  }

  /** Forgets splits that are long past. */
  public void tick(ClusterImage image) {
    long now = image.nowNanos();
    if (!splitNanos.isEmpty() && now - sweptNanos > SWEEP_NANOS) {
      sweptNanos = now;
      long wait = image.config().schedule().splitMergeInterval().duration().toNanos();
      splitNanos.values().removeIf(at -> now - at > wait);
    }
  }

  public Proposal check(Planning planning, RegionInfo region) {
    ScheduleConfig config = planning.schedule();
    long now = planning.image().nowNanos();
    long wait = config.splitMergeInterval().duration().toNanos();
    if (config.maxMergeRegionSize() == 0 || now - startNanos < wait) {
      return Proposal.nothing("merging is off or not yet due");
    }
    if (splitNanos.containsKey(region.id())) {
      return Proposal.nothing("region split lately");
    }
    if (region.sizeMib() > config.maxMergeRegionSize()
        || region.flow().keys() > config.effectiveMaxMergeRegionKeys()) {
      return Proposal.nothing("region is large enough");
    }
    if (!RegionMerge.isSound(planning, region)) {
      return Proposal.nothing("region is not sound");
    }
    if (planning.isHot(region)) {
      return Proposal.nothing("region is hot");
    }
    RegionInfo target = neighbour(planning, region);
    return target == null
        ? Proposal.nothing("no neighbour can take the region")
        : RegionMerge.merge(planning, "merge-region", OperatorKind.MERGE, region, target);
  }

  private @Nullable RegionInfo neighbour(Planning planning, RegionInfo region) {
    RegionImage regions = planning.image().regions();
    RegionInfo next = usable(planning, region, regions.tree().after(region));
    RegionInfo previous =
        planning.schedule().enableOneWayMerge()
            ? null
            : usable(planning, region, regions.tree().before(region));
    if (next == null || (previous != null && previous.sizeMib() < next.sizeMib())) {
      return previous;
    }
    return next;
  }

  private @Nullable RegionInfo usable(
      Planning planning, RegionInfo region, @Nullable RegionInfo target) {
    return target != null
            && !RegionMerge.isBoundaryBetween(planning, region, target)
            && target.sizeMib() <= MAX_TARGET_MIB
            && !splitNanos.containsKey(target.id())
            && RegionMerge.isSound(planning, target)
        ? target
        : null;
  }
}
