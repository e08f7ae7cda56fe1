package io.rutile.store;

import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import org.jspecify.annotations.Nullable;

/**
 * A peer of this store as it was at some recent moment.
 *
 * @param peer this store's peer
 * @param leader the leader it knows, null when it knows none
 * @param term Raft term
 * @param appliedIndex index of the newest applied entry
 * @param hibernating whether the peer keeps no timers
 */
public record RegionStatus(
    Region region,
    Peer peer,
    @Nullable Peer leader,
    long term,
    long appliedIndex,
    boolean hibernating) {
  public boolean isLeader() {
    return leader != null && leader.getId() == peer.getId();
  }
}
