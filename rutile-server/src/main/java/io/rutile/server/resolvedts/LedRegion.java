package io.rutile.server.resolvedts;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.LeaderInfo;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.resolvedts.RegionResolver;
import java.util.Set;

/**
 * A region during one leadership of this store and one epoch. A change of the range makes a new
 * one, whose locks are read anew: those of the keys that left would never be seen to go.
 */
record LedRegion(Region region, long term, RegionResolver resolver) {

  static LedRegion begin(Region region, long term) {
    return new LedRegion(region, term, new RegionResolver());
  }

  /** The same region after a change: with the same locks while the range is the same. */
  LedRegion with(Region changed) {
    return sameRange(changed)
        ? new LedRegion(changed, term, resolver)
        : LedRegion.begin(changed, term);
  }

  long id() {
    return region.getId();
  }

  private boolean sameRange(Region other) {
    return region.getStartKey().equals(other.getStartKey())
        && region.getEndKey().equals(other.getEndKey());
  }

  RegionContext context(Peer self) {
    return RegionContext.of(
        Context.newBuilder()
            .setRegionId(region.getId())
            .setRegionEpoch(region.getRegionEpoch())
            .setPeer(self)
            .build());
  }

  LeaderInfo.Builder info(Peer self) {
    return LeaderInfo.newBuilder()
        .setRegionId(region.getId())
        .setPeerId(self.getId())
        .setTerm(term)
        .setRegionEpoch(region.getRegionEpoch());
  }

  /** Whether the voters on these stores are a majority, of both sides while peers change. */
  boolean isQuorum(Set<Long> stores) {
    int incoming = 0;
    int incomingYes = 0;
    int outgoing = 0;
    int outgoingYes = 0;
    for (Peer peer : region.getPeersList()) {
      int yes = stores.contains(peer.getStoreId()) ? 1 : 0;
      switch (peer.getRole()) {
        case Voter -> {
          incoming++;
          incomingYes += yes;
          outgoing++;
          outgoingYes += yes;
        }
        case IncomingVoter -> {
          incoming++;
          incomingYes += yes;
        }
        case DemotingVoter -> {
          outgoing++;
          outgoingYes += yes;
        }
        case Learner, UNRECOGNIZED -> {}
      }
    }
    return incomingYes * 2 > incoming && outgoingYes * 2 > outgoing;
  }
}
