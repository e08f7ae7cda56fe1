package io.rutile.pd.schedule.placement;

import io.rutile.proto.metapb.Peer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a region's peers serve its rules.
 *
 * @param ruleFits one for each rule, in the rules' order; empty when no rules are known for the
 *     region, as while it reaches over a boundary of rules
 * @param orphans peers that no rule asks for
 */
public record RegionFit(List<RuleFit> ruleFits, List<Peer> orphans) {
  public boolean isSatisfied() {
    return !ruleFits.isEmpty()
        && orphans.isEmpty()
        && ruleFits.stream().allMatch(RuleFit::isSatisfied);
  }

  /** The rule that the peer stands for, null for an orphan. */
  public @Nullable RuleFit of(long peerId) {
    for (RuleFit fit : ruleFits) {
      for (Peer peer : fit.peers()) {
        if (peer.getId() == peerId) {
          return fit;
        }
      }
    }
    return null;
  }

  /** Positive when this is better; both are for the same rules. */
  public int compareTo(RegionFit other) {
    for (int i = 0; i < Math.min(ruleFits.size(), other.ruleFits.size()); i++) {
      int order = ruleFits.get(i).compareTo(other.ruleFits.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(other.orphans.size(), orphans.size());
  }
}
