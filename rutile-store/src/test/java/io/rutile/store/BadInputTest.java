package io.rutile.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.testing.SimCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store does about input that should not be: it refuses it in words, and loses nothing. */
class BadInputTest {
  private static final long SECOND = SimClient.SECOND;
  private static final long FOREIGN_REGION = 9_999;

  @TempDir Path directory;

  private SimCluster cluster(int stores) {
    return new SimCluster(51, stores, RaftstoreConfig.defaults(), directory);
  }

  private static RegionHeartbeatRequest where(SimCluster cluster, String key) {
    RegionHeartbeatRequest found = cluster.pd().locate(SimClient.bytes(key));
    assertThat(found).isNotNull();
    return found;
  }

  @Test
  void aStoreThatWasRemovedFromTheClusterDoesNotComeBack() {
    try (SimCluster cluster = cluster(2)) {
      cluster.stop(1);
      cluster.pd().setState(cluster.storeId(1), StoreState.Tombstone);
      assertThatThrownBy(() -> cluster.start(1))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("was removed from the cluster");
    }
  }

  @Test
  void aLogThatLostAppliedEntriesStopsTheStoreWithTheRegionsState() {
    try (SimCluster cluster = cluster(1)) {
      SimClient client = new SimClient(cluster);
      for (int i = 0; i < 20; i++) {
        client.put("key-" + i, "value");
      }
      long region = where(cluster, "key-1").getRegion().getId();
      cluster.stop(0);
      RaftLog log = cluster.log(0);
      RaftLogBatch lost = log.newBatch();
      lost.reset(region, log.lastIndex(region) - 5);
      log.write(lost, true);
      assertThatThrownBy(() -> cluster.start(0))
          .isInstanceOf(CorruptionException.class)
          .hasMessageContaining("its Raft log ends at");
    }
  }

  @Test
  void aDamagedSnapshotIsNotTakenAndASoundOneAfterwardsIs() {
    try (SimCluster cluster = cluster(2)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      cluster.network().damageSnapshots(true);
      Peer learner =
          Peer.newBuilder()
              .setId(cluster.pd().allocId())
              .setStoreId(cluster.storeId(1))
              .setRole(PeerRole.Learner)
              .build();
      cluster
          .pd()
          .order(
              where(cluster, "a").getRegion().getId(),
              RegionHeartbeatResponse.newBuilder()
                  .setChangePeer(
                      ChangePeer.newBuilder()
                          .setChangeType(ConfChangeType.AddLearnerNode)
                          .setPeer(learner)));
      cluster.runNanos(30 * SECOND);
      assertThat(where(cluster, "a").getPendingPeersCount()).isEqualTo(1);
      assertThat(cluster.store(1).regions()).isEmpty();
      assertThat(cluster.store(1).failure()).isEmpty();
      cluster.network().damageSnapshots(false);
      assertThat(
              cluster.runUntil(() -> where(cluster, "a").getPendingPeersCount() == 0, 60 * SECOND))
          .as("the snapshot comes again")
          .isTrue();
      assertThat(cluster.store(1).regions()).hasSize(1);
      assertThat(client.get("a")).isEqualTo("1");
    }
  }

  @Test
  void messagesForRegionsThatAreNotHereChangeNothing() {
    try (SimCluster cluster = cluster(2)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      Region known = where(cluster, "a").getRegion();
      Store store = cluster.store(0);
      store.onRaftMessage(append(cluster, FOREIGN_REGION, 1, known));
      store.onRaftMessage(append(cluster, FOREIGN_REGION, 99, known));
      store.onRaftMessage(vote(cluster));
      store.onRaftMessage(append(cluster, known.getId(), 99, known));
      cluster.runNanos(30 * SECOND);
      assertThat(store.failure()).isEmpty();
      assertThat(store.region(FOREIGN_REGION)).isEmpty();
      assertThat(store.regions()).hasSize(1);
      client.put("b", "2");
      assertThat(client.get("a") + client.get("b")).isEqualTo("12");
    }
  }

  /** Entries from a peer that is no member, in a region that may be unknown. */
  private static RaftMessage append(SimCluster cluster, long regionId, long version, Region known) {
    return message(cluster, regionId, version, known.getPeers(0).getId())
        .setMessage(
            Message.newBuilder()
                .setMsgType(MessageType.MsgAppend)
                .setFrom(FOREIGN_REGION + 1)
                .setTo(known.getPeers(0).getId())
                .setTerm(5)
                .setLogTerm(5)
                .setIndex(5)
                .setCommit(7)
                .addEntries(Entry.newBuilder().setTerm(5).setIndex(6)))
        .build();
  }

  /** A newer region, whose range a region here still holds, asks for a vote. */
  private static RaftMessage vote(SimCluster cluster) {
    return message(cluster, FOREIGN_REGION, 99, FOREIGN_REGION + 2)
        .setStartKey(ByteString.copyFromUtf8("a"))
        .setEndKey(ByteString.copyFromUtf8("b"))
        .setMessage(
            Message.newBuilder()
                .setMsgType(MessageType.MsgRequestVote)
                .setFrom(FOREIGN_REGION + 1)
                .setTo(FOREIGN_REGION + 2)
                .setTerm(8)
                .setLogTerm(5)
                .setIndex(5))
        .build();
  }

  private static RaftMessage.Builder message(
      SimCluster cluster, long regionId, long version, long toPeer) {
    return RaftMessage.newBuilder()
        .setRegionId(regionId)
        .setFromPeer(Peer.newBuilder().setId(FOREIGN_REGION + 1).setStoreId(cluster.storeId(1)))
        .setToPeer(Peer.newBuilder().setId(toPeer).setStoreId(cluster.storeId(0)))
        .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(version));
  }
}
