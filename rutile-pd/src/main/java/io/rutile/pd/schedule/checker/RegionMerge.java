package io.rutile.pd.schedule.checker;

import io.rutile.base.bytes.Bytes;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How two neighbours become one: the peers of the one that goes are brought to the stores of the
 * other, then it merges. Both regions get an operator, so that nothing else touches either.
 * Stateless.
 */
public final class RegionMerge {
  private RegionMerge() {}

  /** Whether the region is well, fully replicated, left alone and not kept from merging. */
  public static boolean isSound(Planning planning, RegionInfo region) {
    return region.leader() != null
        && region.isHealthy()
        && !region.inJointState()
        && planning.operators().operator(region.id()) == null
        && !planning.labels().denies(region, RegionLabels.MERGE)
        && Safeguard.of(planning, region).isReplicated();
  }

  /** Whether rules or labels change where the two neighbours meet. */
  public static boolean isBoundaryBetween(Planning planning, RegionInfo a, RegionInfo b) {
    RegionInfo first = Bytes.compare(a.startKey(), b.startKey()) < 0 ? a : b;
    RegionInfo second = first == a ? b : a;
    byte[] start = first.startKey();
    byte[] end = second.endKey();
    return !planning.labels().boundariesWithin(start, end).isEmpty()
        || (planning.byRules() && !planning.rules().boundariesWithin(start, end).isEmpty());
  }

  public static Proposal merge(
      Planning planning, String description, OperatorKind kind, RegionInfo from, RegionInfo into) {
    List<OperatorStep> steps = new ArrayList<>();
    if (!stores(from).equals(stores(into))) {
      OperatorBuilder builder = planning.plan(description, kind, from);
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
    return Proposal.together(
        List.of(
            new Operator(description, kind, from, steps),
            new Operator(description, kind, into, List.of(passive))));
  }

  private static Set<Long> stores(RegionInfo region) {
    Set<Long> stores = new HashSet<>();
    for (Peer peer : region.peers()) {
      stores.add(peer.getStoreId());
    }
    return stores;
  }
}
