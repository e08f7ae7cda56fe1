package io.rutile.store.peer;

import io.rutile.base.error.CorruptionException;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftLocalState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.raft.core.RaftConfig;
import io.rutile.raft.core.RaftNode;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import java.util.SplittableRandom;

/**
 * What a peer begins with: its durable state, all of it default for a peer that a message created.
 *
 * @param fresh the peer never ran before, so it owes nobody a lease
 */
public record PeerStart(
    RegionHandle handle,
    RegionImage image,
    RegionLocalState state,
    RaftApplyState applyState,
    RaftLocalState raftState,
    boolean fresh) {

  PeerStorage openStorage(StoreContext store, PeerSnapshots snapshots) {
    requireLog(store);
    HardState hard = raftState.getHardState();
    if (hard.getCommit() < applyState.getAppliedIndex()) {
      hard =
          hard.toBuilder()
              .setCommit(applyState.getAppliedIndex())
              .setTerm(Math.max(hard.getTerm(), applyState.getCommitTerm()))
              .build();
    }
    return new PeerStorage(
        image.id(),
        store.raftLog(),
        snapshots,
        store.cachedLogBytes(),
        hard,
        image.region(),
        applyState.getTruncatedState());
  }

  /**
   * Only what is durable in the log is ever applied. So a log that ends before the applied index
   * has lost entries, perhaps votes with them, and this peer must not take part any more.
   */
  private void requireLog(StoreContext store) {
    long applied = applyState.getAppliedIndex();
    long last =
        Math.max(store.raftLog().lastIndex(image.id()), applyState.getTruncatedState().getIndex());
    if (applied > last) {
      throw new CorruptionException(
          "KV:Raftstore:Corruption",
          image
              + " has applied entry "
              + applied
              + ", but its Raft log ends at "
              + last
              + ": the log has lost entries. Put the lost log back, or remove this store from the"
              + " cluster and start it anew with an empty directory");
    }
  }

  RaftNode newNode(StoreContext store, PeerStorage storage, long appliedIndex) {
    RaftstoreConfig.Election election = store.config().election();
    RaftstoreConfig.Log log = store.config().log();
    long peerId = image.self().getId();
    RaftConfig config =
        RaftConfig.builder(
                peerId, new SplittableRandom(store.seed() ^ (peerId * 0x9E3779B97F4A7C15L)))
            .electionTicks(election.electionTicks())
            .minElectionTicks(election.minElectionTicks())
            .maxElectionTicks(election.maxElectionTicks())
            .heartbeatTicks(election.heartbeatTicks())
            .applied(appliedIndex)
            .maxSizePerMessage(log.maxSizePerMessageBytes())
            .maxInflightMessages(log.maxInflightMessages())
            .preVote(election.prevote())
            .checkQuorum(true)
            .skipBroadcastCommit(true)
            .mayOweLease(!fresh && !election.allowUnsafeVoteAfterStart())
            .build();
    return new RaftNode(config, storage);
  }

  /** The configuration that a region's peers make. */
  public static ConfState confStateOf(Region region) {
    return PeerStorage.confStateOf(region);
  }
}
