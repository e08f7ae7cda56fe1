package io.rutile.pd.schedule.placement;

import io.rutile.proto.metapb.Peer;
import java.util.List;

/**
 * The peers that stand for one rule.
 *
 * @param misfits those of {@code peers} that have to change their role
 * @param isolation how far apart the peers are by the rule's location labels; more is better
 */
public record RuleFit(PlacementRule rule, List<Peer> peers, List<Peer> misfits, double isolation) {
  public boolean isSatisfied() {
    return peers.size() == rule.count() && misfits.isEmpty();
  }

  /** Positive when this serves the rule better. */
  int compareTo(RuleFit other) {
    int order = Integer.compare(peers.size(), other.peers.size());
    if (order == 0) {
      order = Integer.compare(other.misfits.size(), misfits.size());
    }
    return order == 0 ? Double.compare(isolation, other.isolation) : order;
  }
}
