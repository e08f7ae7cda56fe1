package io.rutile.server.config;

import io.rutile.store.RaftstoreConfig;
import java.util.Objects;

/** Groups the items of three sections as the store uses them. */
final class StoreSettings {
  private StoreSettings() {}

  static RaftstoreConfig of(TikvConfig config) {
    RaftstoreSection raft = config.raftstore();
    return new RaftstoreConfig(
        election(raft),
        log(raft),
        split(raft, config.coprocessor()),
        new RaftstoreConfig.Heartbeat(
            raft.pdHeartbeatTickInterval().duration(),
            raft.pdStoreHeartbeatTickInterval().duration()),
        peers(raft),
        snapshots(raft, config.server()),
        new RaftstoreConfig.Pools(
            raft.storePoolSize(),
            raft.applyPoolSize(),
            raft.snapGeneratorPoolSize(),
            raft.notifyCapacity(),
            raft.messagesPerTick()));
  }

  private static RaftstoreConfig.Election election(RaftstoreSection raft) {
    return new RaftstoreConfig.Election(
        raft.prevote(),
        raft.raftBaseTickInterval().duration(),
        raft.raftHeartbeatTicks(),
        raft.raftElectionTimeoutTicks(),
        raft.raftMinElectionTimeoutTicks(),
        raft.raftMaxElectionTimeoutTicks(),
        raft.raftStoreMaxLeaderLease().duration(),
        raft.allowUnsafeVoteAfterStart(),
        raft.raftReadIndexRetryIntervalTicks(),
        raft.hibernateRegions());
  }

  private static RaftstoreConfig.Log log(RaftstoreSection raft) {
    return new RaftstoreConfig.Log(
        raft.raftMaxSizePerMsg().bytes(),
        raft.raftMaxInflightMsgs(),
        raft.raftEntryMaxSize().bytes(),
        raft.raftLogGcTickInterval().duration(),
        raft.raftLogGcThreshold(),
        Objects.requireNonNull(raft.raftLogGcCountLimit()),
        Objects.requireNonNull(raft.raftLogGcSizeLimit()).bytes(),
        raft.raftLogReserveMaxTicks(),
        RaftstoreConfig.Log.defaults().entryCacheBytes(),
        raft.cmdBatch());
  }

  private static RaftstoreConfig.Split split(RaftstoreSection raft, CoprocessorSection region) {
    return new RaftstoreConfig.Split(
        raft.splitRegionCheckTickInterval().duration(),
        Objects.requireNonNull(raft.regionSplitCheckDiff()).bytes(),
        region.regionMaxSize().bytes(),
        region.regionSplitSize().bytes(),
        region.regionMaxKeys(),
        region.regionSplitKeys(),
        region.batchSplitLimit(),
        raft.rightDeriveWhenSplit());
  }

  private static RaftstoreConfig.Peers peers(RaftstoreSection raft) {
    return new RaftstoreConfig.Peers(
        raft.maxPeerDownDuration().duration(),
        raft.maxLeaderMissingDuration().duration(),
        raft.abnormalLeaderMissingDuration().duration(),
        raft.peerStaleStateCheckInterval().duration(),
        raft.leaderTransferMaxLogLag(),
        raft.mergeMaxLogGap(),
        raft.mergeCheckTickInterval().duration(),
        raft.consistencyCheckInterval().duration(),
        raft.gcPeerCheckInterval().duration());
  }

  private static RaftstoreConfig.Snapshots snapshots(RaftstoreSection raft, ServerSection server) {
    return new RaftstoreConfig.Snapshots(
        raft.snapMgrGcTickInterval().duration(),
        raft.snapGcTimeout().duration(),
        server.snapIoMaxBytesPerSec().bytes(),
        server.concurrentSendSnapLimit(),
        server.concurrentRecvSnapLimit(),
        raft.maxSnapshotFileRawSize().bytes());
  }
}
