package io.rutile.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.TransferLeader;
import io.rutile.store.testing.SimCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicationTest {
  private static final long SECOND = SimClient.SECOND;
  @TempDir Path directory;

  private SimCluster cluster(long seed) {
    return new SimCluster(seed, 3, RaftstoreConfig.defaults(), directory);
  }

  static RegionHeartbeatRequest where(SimCluster cluster, String key) {
    RegionHeartbeatRequest found = cluster.pd().locate(SimClient.bytes(key));
    assertThat(found).isNotNull();
    return found;
  }

  static void change(SimCluster cluster, long regionId, ConfChangeType type, Peer peer) {
    cluster
        .pd()
        .order(
            regionId,
            RegionHeartbeatResponse.newBuilder()
                .setChangePeer(ChangePeer.newBuilder().setChangeType(type).setPeer(peer)));
  }

  /** Adds a learner on every store that has no peer, then makes all learners voters. */
  static void replicate(SimCluster cluster, String key) {
    for (int round = 0; round < 200; round++) {
      RegionHeartbeatRequest at = where(cluster, key);
      Region region = at.getRegion();
      boolean complete = region.getPeersCount() == cluster.size();
      for (int i = 0; i < cluster.size(); i++) {
        long storeId = cluster.storeId(i);
        if (region.getPeersList().stream().noneMatch(p -> p.getStoreId() == storeId)) {
          Peer learner =
              Peer.newBuilder()
                  .setId(cluster.pd().allocId())
                  .setStoreId(storeId)
                  .setRole(PeerRole.Learner)
                  .build();
          change(cluster, region.getId(), ConfChangeType.AddLearnerNode, learner);
          break;
        }
      }
      for (Peer peer : region.getPeersList()) {
        if (peer.getRole() == PeerRole.Learner) {
          complete = false;
          if (at.getPendingPeersList().stream().noneMatch(p -> p.getId() == peer.getId())) {
            change(cluster, region.getId(), ConfChangeType.AddNode, peer);
          }
        }
      }
      if (complete) {
        return;
      }
      cluster.runNanos(2 * SECOND);
    }
    throw new AssertionError("region of " + key + " is not replicated: " + where(cluster, key));
  }

  static Map<String, String> dump(SimCluster cluster, int index) {
    Map<String, String> found = new TreeMap<>();
    try (EngineIterator it =
        cluster
            .engine(index)
            .iterator(
                Cf.DEFAULT, SimClient.bytes("z"), SimClient.bytes("{"), ReadOptions.DEFAULT)) {
      for (it.seekToFirst(); it.valid(); it.next()) {
        found.put(
            new String(it.key(), StandardCharsets.UTF_8),
            new String(it.value(), StandardCharsets.UTF_8));
      }
    }
    return found;
  }

  static void awaitEqualReplicas(SimCluster cluster) {
    boolean equal =
        cluster.runUntil(
            () -> {
              Map<String, String> first = dump(cluster, 0);
              return dump(cluster, 1).equals(first) && dump(cluster, 2).equals(first);
            },
            60 * SECOND);
    assertThat(equal).as("replicas become equal").isTrue();
  }

  @Test
  void aNewReplicaGetsASnapshotThatEqualsTheSource() {
    try (SimCluster cluster = cluster(21)) {
      SimClient client = new SimClient(cluster);
      for (int i = 0; i < 50; i++) {
        client.put("key-" + i, "value-" + i);
      }
      replicate(cluster, "key-1");
      client.put("after", "x");
      awaitEqualReplicas(cluster);
      assertThat(dump(cluster, 2)).hasSize(51);
    }
  }

  @Test
  void aLearnerThatHasCaughtUpIsReportedAtOnce() {
    try (SimCluster cluster = cluster(26)) {
      new SimClient(cluster).put("a", "1");
      Region region = where(cluster, "a").getRegion();
      Peer learner =
          Peer.newBuilder()
              .setId(cluster.pd().allocId())
              .setStoreId(cluster.storeId(1))
              .setRole(PeerRole.Learner)
              .build();
      change(cluster, region.getId(), ConfChangeType.AddLearnerNode, learner);
      assertThat(
              cluster.runUntil(() -> where(cluster, "a").getPendingPeersCount() == 1, 5 * SECOND))
          .as("the learner is pending at first")
          .isTrue();
      assertThat(
              cluster.runUntil(() -> where(cluster, "a").getPendingPeersCount() == 0, 10 * SECOND))
          .as("long before the next periodic report")
          .isTrue();
    }
  }

  @Test
  void writesGoOnWhenTheLeaderDies() {
    try (SimCluster cluster = cluster(22)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      replicate(cluster, "a");
      int leader = cluster.indexOf(where(cluster, "a").getLeader().getStoreId());
      cluster.crash(leader);
      client.put("b", "2");
      assertThat(client.get("a") + client.get("b")).isEqualTo("12");
      cluster.start(leader);
      awaitEqualReplicas(cluster);
    }
  }

  @Test
  void leadershipMovesWhereTheDriverWantsIt() {
    try (SimCluster cluster = cluster(23)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      replicate(cluster, "a");
      RegionHeartbeatRequest at = where(cluster, "a");
      Peer target =
          at.getRegion().getPeersList().stream()
              .filter(p -> p.getId() != at.getLeader().getId())
              .findFirst()
              .orElseThrow();
      cluster
          .pd()
          .order(
              at.getRegion().getId(),
              RegionHeartbeatResponse.newBuilder()
                  .setTransferLeader(TransferLeader.newBuilder().setPeer(target)));
      assertThat(
              cluster.runUntil(
                  () -> where(cluster, "a").getLeader().getId() == target.getId(), SECOND))
          .isTrue();
      client.put("a", "2");
      assertThat(client.get("a")).isEqualTo("2");
    }
  }

  @Test
  void aSplitRegionElectsItsLeaderAtOnceAndAllReplicasFollow() {
    try (SimCluster cluster = cluster(24)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      client.put("z", "2");
      replicate(cluster, "a");
      RegionHeartbeatRequest at = where(cluster, "a");
      int leader = cluster.indexOf(at.getLeader().getStoreId());
      var split =
          cluster
              .store(leader)
              .splitRegion(
                  at.getRegion().getId(),
                  at.getRegion().getRegionEpoch(),
                  List.of(SimClient.bytes("m")))
              .toCompletableFuture();
      cluster.runUntil(split::isDone, 10 * SECOND);
      assertThat(split.join()).hasSize(2);
      assertThat(
              cluster.runUntil(
                  () -> {
                    RegionHeartbeatRequest left = cluster.pd().locate(SimClient.bytes("a"));
                    RegionHeartbeatRequest right = cluster.pd().locate(SimClient.bytes("z"));
                    return left != null
                        && right != null
                        && left.getRegion().getId() != right.getRegion().getId();
                  },
                  2 * SECOND))
          .isTrue();
      client.put("b", "3");
      client.put("y", "4");
      cluster.crash(leader);
      assertThat(client.get("a") + client.get("b") + client.get("y") + client.get("z"))
          .isEqualTo("1342");
      cluster.start(leader);
      awaitEqualReplicas(cluster);
    }
  }

  @Test
  void aRemovedReplicaGoesWithItsDataAndMayComeBack() {
    try (SimCluster cluster = cluster(25)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      replicate(cluster, "a");
      RegionHeartbeatRequest at = where(cluster, "a");
      Peer victim =
          at.getRegion().getPeersList().stream()
              .filter(p -> p.getId() != at.getLeader().getId())
              .findFirst()
              .orElseThrow();
      change(cluster, at.getRegion().getId(), ConfChangeType.RemoveNode, victim);
      int store = cluster.indexOf(victim.getStoreId());
      assertThat(cluster.runUntil(() -> dump(cluster, store).isEmpty(), 20 * SECOND)).isTrue();
      assertThat(cluster.store(store).regions()).isEmpty();
      client.put("b", "2");
      replicate(cluster, "a");
      awaitEqualReplicas(cluster);
      assertThat(dump(cluster, store)).hasSize(2);
    }
  }

  @Test
  void aReplicaComesBackAfterACrashBetweenItsDataAndItsLogWent() {
    try (SimCluster cluster = cluster(27)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      replicate(cluster, "a");
      RegionHeartbeatRequest at = where(cluster, "a");
      long regionId = at.getRegion().getId();
      Peer victim =
          at.getRegion().getPeersList().stream()
              .filter(p -> p.getId() != at.getLeader().getId())
              .findFirst()
              .orElseThrow();
      int store = cluster.indexOf(victim.getStoreId());
      change(cluster, regionId, ConfChangeType.RemoveNode, victim);
      assertThat(cluster.runUntil(() -> dump(cluster, store).isEmpty(), 20 * SECOND)).isTrue();
      assertThat(cluster.log(store).state(regionId)).as("the log is still there").isNotNull();
      cluster.crash(store);
      cluster.start(store);
      client.put("b", "2");
      replicate(cluster, "a");
      awaitEqualReplicas(cluster);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34})
  void nothingAcknowledgedIsLostUnderCrashesAndPartitions(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (SimCluster cluster = cluster(seed)) {
      SimClient client = new SimClient(cluster);
      client.put("first", "0");
      replicate(cluster, "first");
      Map<String, String> acknowledged = new TreeMap<>();
      for (int round = 0; round < 12; round++) {
        int victim = random.nextInt(3);
        cluster.network().disturb(0.05, 0.05);
        switch (random.nextInt(3)) {
          case 0 -> cluster.crash(victim);
          case 1 -> {
            for (int other = 0; other < 3; other++) {
              if (other != victim) {
                cluster.network().cutBoth(cluster.storeId(victim), cluster.storeId(other));
              }
            }
          }
          default ->
              cluster.network().cut(cluster.storeId(victim), cluster.storeId((victim + 1) % 3));
        }
        for (int i = 0; i < 10; i++) {
          String key = "key-" + round + "-" + i;
          List<CompletableFuture<?>> tries = new ArrayList<>();
          for (int attempt = 0; attempt < 5; attempt++) {
            CompletableFuture<?> done = client.tryPut(key, key);
            tries.add(done);
            cluster.runUntil(done::isDone, 2 * SECOND);
            if (done.isDone() && !done.isCompletedExceptionally()) {
              acknowledged.put(key, key);
              break;
            }
            cluster.runNanos(SECOND);
          }
        }
        cluster.network().heal();
        if (!cluster.isUp(victim)) {
          cluster.start(victim);
        }
      }
      cluster.runNanos(30 * SECOND);
      for (String key : acknowledged.keySet()) {
        assertThat(client.get(key)).as("seed %d key %s", seed, key).isEqualTo(key);
      }
      assertThat(acknowledged.size()).as("seed %d", seed).isGreaterThan(60);
      awaitEqualReplicas(cluster);
    }
  }
}
