package io.rutile.pd.schedule.checker;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.RegionImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.operator.OperatorStep;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private final long startNanos;
  private final Map<Long, Long> splitNanos = new HashMap<>();

  public MergeChecker(long startNanos) {
    this.startNanos = startNanos;
  }

  /** The region came out of a split. */
  public void noteSplit(long regionId, long nowNanos) {
    splitNanos.put(regionId, nowNanos);
  }

  public Proposal check(Planning planning, RegionInfo region) {
    ScheduleConfig config = planning.schedule();
    long now = planning.image().nowNanos();
    long wait = config.splitMergeInterval().duration().toNanos();
    splitNanos.values().removeIf(at -> now - at > wait);
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
    if (!isSound(planning, region)) {
      return Proposal.nothing("region is not sound");
    }
    RegionInfo target = neighbour(planning, region);
    return target == null
        ? Proposal.nothing("no neighbour can take the region")
        : merge(planning, region, target);
  }

  private static boolean isSound(Planning planning, RegionInfo region) {
    return region.leader() != null
        && region.isHealthy()
        && !region.inJointState()
        && planning.operators().operator(region.id()) == null
        && !planning.labels().denies(region, RegionLabels.MERGE)
        && Safeguard.of(planning, region).isReplicated();
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
            && !isBoundaryBetween(planning, region, target)
            && target.sizeMib() <= MAX_TARGET_MIB
            && !splitNanos.containsKey(target.id())
            && isSound(planning, target)
        ? target
        : null;
  }

  /** Whether rules or labels change where the two regions meet. */
  private static boolean isBoundaryBetween(Planning planning, RegionInfo a, RegionInfo b) {
    RegionInfo first = Bytes.compare(a.startKey(), b.startKey()) < 0 ? a : b;
    RegionInfo second = first == a ? b : a;
    byte[] start = first.startKey();
    byte[] end = second.endKey();
    return !planning.labels().boundariesWithin(start, end).isEmpty()
        || (planning.byRules() && !planning.rules().boundariesWithin(start, end).isEmpty());
  }

  private static Proposal merge(Planning planning, RegionInfo from, RegionInfo into) {
    List<OperatorStep> steps = new ArrayList<>();
    if (!stores(from).equals(stores(into))) {
      OperatorBuilder builder = planning.plan("merge-region", OperatorKind.MERGE, from);
      for (Peer peer : into.peers()) {
        if (RegionInfo.isLearner(peer)) {
          builder.addLearner(peer.getStoreId());
        } else {
          builder.addVoter(peer.getStoreId());
        }
      }
      for (long store : stores(from)) {
        if (!stores(into).contains(store)) {
          builder.remove(store);
        }
      }
      Operator match = builder.build();
      if (match == null) {
        return Proposal.nothing("peers cannot be brought together");
      }
      steps.addAll(match.steps());
    }
    steps.add(new OperatorStep.MergeRegion(from.meta(), into.meta(), false));
    OperatorStep passive = new OperatorStep.MergeRegion(from.meta(), into.meta(), true);
    return Proposal.of(
        List.of(
            new Operator("merge-region", OperatorKind.MERGE, from, steps),
            new Operator("merge-region", OperatorKind.MERGE, into, List.of(passive))));
  }

  private static Set<Long> stores(RegionInfo region) {
    Set<Long> stores = new HashSet<>();
    for (Peer peer : region.peers()) {
      stores.add(peer.getStoreId());
    }
    return stores;
  }
}
