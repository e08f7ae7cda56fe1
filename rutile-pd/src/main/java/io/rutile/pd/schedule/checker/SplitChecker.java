package io.rutile.pd.schedule.checker;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.operator.OperatorStep;
import io.rutile.proto.pdpb.CheckPolicy;
import java.util.List;

/**
 * Splits a region that lies across a boundary of label rules or placement rules, so that every
 * region has one set of each. Stateless.
 */
public final class SplitChecker {
  private SplitChecker() {}

  public static Proposal check(Planning planning, RegionInfo region) {
    String description = "labeler-split-region";
    List<byte[]> keys = planning.labels().boundariesWithin(region.startKey(), region.endKey());
    if (keys.isEmpty() && planning.byRules()) {
      description = "rule-split-region";
      keys = planning.rules().boundariesWithin(region.startKey(), region.endKey());
    }
    if (keys.isEmpty()) {
      return Proposal.nothing("region lies across no boundary");
    }
    OperatorStep split =
        new OperatorStep.SplitInto(
            region.startKey(), region.endKey(), CheckPolicy.USEKEY, List.copyOf(keys));
    return Proposal.of(new Operator(description, OperatorKind.SPLIT, region, List.of(split)));
  }
}
