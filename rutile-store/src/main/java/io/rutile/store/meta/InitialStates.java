package io.rutile.store.meta;

import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftLocalState;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.proto.raftserverpb.RegionLocalState;

/**
 * State of a region that was founded, not copied: its log begins at index 5 in term 5, so that a
 * peer without data, whose log begins at 0, always needs a snapshot.
 */
public final class InitialStates {
  public static final long LOG_INDEX = 5;
  public static final long LOG_TERM = 5;
  public static final RegionEpoch EPOCH =
      RegionEpoch.newBuilder().setVersion(1).setConfVer(1).build();

  private InitialStates() {}

  public static RegionLocalState regionState(Region region) {
    return RegionLocalState.newBuilder().setState(PeerState.Normal).setRegion(region).build();
  }

  public static RaftApplyState applyState() {
    return RaftApplyState.newBuilder()
        .setAppliedIndex(LOG_INDEX)
        .setCommitIndex(LOG_INDEX)
        .setCommitTerm(LOG_TERM)
        .setTruncatedState(RaftTruncatedState.newBuilder().setIndex(LOG_INDEX).setTerm(LOG_TERM))
        .build();
  }

  /** The log state of a founded region; term and vote that the peer already gave are kept. */
  public static RaftLocalState raftState(RaftLocalState given) {
    HardState hard = given.getHardState();
    return RaftLocalState.newBuilder()
        .setLastIndex(LOG_INDEX)
        .setHardState(
            hard.toBuilder().setTerm(Math.max(hard.getTerm(), LOG_TERM)).setCommit(LOG_INDEX))
        .build();
  }

  /** The first region of a cluster: all keys, one peer. */
  public static Region firstRegion(long regionId, long peerId, long storeId) {
    return Region.newBuilder()
        .setId(regionId)
        .setRegionEpoch(EPOCH)
        .addPeers(Peer.newBuilder().setId(peerId).setStoreId(storeId))
        .build();
  }
}
