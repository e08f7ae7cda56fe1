package io.rutile.store;

import static io.rutile.store.ReplicationTest.awaitEqualReplicas;
import static io.rutile.store.ReplicationTest.replicate;
import static io.rutile.store.ReplicationTest.where;
import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.metapb.Peer;
import io.rutile.store.testing.SimCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HibernationTest {
  private static final long SECOND = SimClient.SECOND;
  private static final long MINUTE = 60 * SECOND;
  @TempDir Path directory;

  private SimCluster cluster(long seed) {
    return new SimCluster(seed, 3, RaftstoreConfig.defaults(), directory);
  }

  private static SimClient replicated(SimCluster cluster) {
    SimClient client = new SimClient(cluster);
    client.put("a", "1");
    replicate(cluster, "a");
    return client;
  }

  private static boolean sleeps(SimCluster cluster, int store) {
    return cluster.store(store).regions().stream().allMatch(RegionStatus::hibernating);
  }

  private static void awaitSleep(SimCluster cluster) {
    assertThat(
            cluster.runUntil(
                () -> sleeps(cluster, 0) && sleeps(cluster, 1) && sleeps(cluster, 2), MINUTE))
        .as("all peers sleep")
        .isTrue();
  }

  private static int leader(SimCluster cluster) {
    return cluster.indexOf(where(cluster, "a").getLeader().getStoreId());
  }

  @Test
  void anIdleRegionSendsNothing() {
    try (SimCluster cluster = cluster(81)) {
      replicated(cluster);
      awaitSleep(cluster);
      long sent = cluster.network().sentCount();
      cluster.runNanos(2 * MINUTE);
      assertThat(cluster.network().sentCount() - sent).isLessThanOrEqualTo(4);
      awaitSleep(cluster);
    }
  }

  @Test
  void aRequestWakesIt() {
    try (SimCluster cluster = cluster(82)) {
      SimClient client = replicated(cluster);
      awaitSleep(cluster);
      assertThat(client.get("a")).isEqualTo("1");
      client.put("b", "2");
      assertThat(client.get("b")).isEqualTo("2");
      awaitEqualReplicas(cluster);
      awaitSleep(cluster);
    }
  }

  @Test
  void nobodyCountsAsDownWhileAllSleep() {
    try (SimCluster cluster = cluster(83)) {
      SimClient client = replicated(cluster);
      awaitSleep(cluster);
      cluster.runNanos(40 * MINUTE);
      assertThat(where(cluster, "a").getDownPeersList()).isEmpty();
      client.put("b", "2");
      cluster.runNanos(2 * MINUTE);
      assertThat(where(cluster, "a").getDownPeersList()).isEmpty();
    }
  }

  @Test
  void aDeadFollowerIsReportedAlthoughTheRegionSlept() {
    try (SimCluster cluster = cluster(84)) {
      replicated(cluster);
      awaitSleep(cluster);
      int dead = (leader(cluster) + 1) % 3;
      long id = cluster.storeId(dead);
      cluster.crash(dead);
      cluster.store(leader(cluster)).onStoreUnreachable(id);
      boolean reported =
          cluster.runUntil(
              () ->
                  where(cluster, "a").getDownPeersList().stream()
                      .anyMatch(down -> down.getPeer().getStoreId() == id),
              15 * MINUTE);
      assertThat(reported).isTrue();
    }
  }

  @Test
  void followersReplaceADeadLeaderAtOnceWhenItsStoreIsGone() {
    try (SimCluster cluster = cluster(85)) {
      SimClient client = replicated(cluster);
      awaitSleep(cluster);
      int dead = leader(cluster);
      long id = cluster.storeId(dead);
      cluster.crash(dead);
      for (int store = 0; store < 3; store++) {
        if (store != dead) {
          cluster.store(store).onStoreUnreachable(id);
        }
      }
      assertThat(cluster.runUntil(() -> leader(cluster) != dead, 45 * SECOND)).isTrue();
      client.put("b", "2");
      cluster.start(dead);
      awaitEqualReplicas(cluster);
      awaitSleep(cluster);
    }
  }

  @Test
  void followersFindOutBySelfThatTheirLeaderIsDead() {
    try (SimCluster cluster = cluster(86)) {
      replicated(cluster);
      awaitSleep(cluster);
      int dead = leader(cluster);
      cluster.crash(dead);
      assertThat(cluster.runUntil(() -> leader(cluster) != dead, 7 * MINUTE)).isTrue();
    }
  }

  @Test
  void aLearnerRemovedWhileItWasAwayGoesWhenItIsBack() {
    try (SimCluster cluster = cluster(87)) {
      SimClient client = replicated(cluster);
      int away = (leader(cluster) + 1) % 3;
      long awayStore = cluster.storeId(away);
      long regionId = where(cluster, "a").getRegion().getId();
      Peer voter =
          where(cluster, "a").getRegion().getPeersList().stream()
              .filter(peer -> peer.getStoreId() == awayStore)
              .findFirst()
              .orElseThrow();
      ReplicationTest.change(cluster, regionId, ConfChangeType.AddLearnerNode, voter);
      cluster.runNanos(5 * SECOND);
      for (int other = 0; other < 3; other++) {
        if (other != away) {
          cluster.network().cutBoth(awayStore, cluster.storeId(other));
        }
      }
      Peer learner = voter.toBuilder().setRole(io.rutile.proto.metapb.PeerRole.Learner).build();
      ReplicationTest.change(cluster, regionId, ConfChangeType.RemoveNode, learner);
      cluster.runNanos(30 * SECOND);
      assertThat(where(cluster, "a").getRegion().getPeersCount()).isEqualTo(2);
      cluster.crash(away);
      cluster.network().heal();
      cluster.start(away);
      assertThat(cluster.store(away).regions()).hasSize(1);
      assertThat(cluster.runUntil(() -> cluster.store(away).regions().isEmpty(), 20 * MINUTE))
          .isTrue();
      assertThat(ReplicationTest.dump(cluster, away)).isEmpty();
      assertThat(client.get("a")).isEqualTo("1");
    }
  }
}
