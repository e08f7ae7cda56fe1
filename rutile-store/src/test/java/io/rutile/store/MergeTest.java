package io.rutile.store;

import static io.rutile.store.ReplicationTest.awaitEqualReplicas;
import static io.rutile.store.ReplicationTest.replicate;
import static io.rutile.store.ReplicationTest.where;
import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.engine.api.Cf;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.Merge;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.TransferLeader;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.testing.SimCluster;
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

class MergeTest {
  private static final long SECOND = SimClient.SECOND;
  @TempDir Path directory;

  private SimCluster cluster(long seed, RaftstoreConfig config) {
    return new SimCluster(seed, 3, config, directory);
  }

  /** Followers that are behind soon need a snapshot. */
  private static RaftstoreConfig shortLog() {
    RaftstoreConfig base = RaftstoreConfig.defaults();
    RaftstoreConfig.Log log = base.log();
    return new RaftstoreConfig(
        base.election(),
        new RaftstoreConfig.Log(
            log.maxSizePerMessageBytes(),
            log.maxInflightMessages(),
            log.entryMaxBytes(),
            log.gcTick(),
            5,
            20,
            log.gcSizeLimitBytes(),
            log.reserveMaxTicks(),
            log.entryCacheBytes(),
            log.cmdBatch()),
        base.split(),
        base.heartbeat(),
        base.peers(),
        base.snapshots(),
        base.pools());
  }

  /** Three replicas of two regions that meet at "m", each with a key. */
  private SimClient splitInTwo(SimCluster cluster) {
    SimClient client = new SimClient(cluster);
    client.put("a", "1");
    client.put("z", "2");
    replicate(cluster, "a");
    split(cluster, "a", "m");
    cluster.runNanos(10 * SECOND);
    return client;
  }

  private static void split(SimCluster cluster, String key, String at) {
    RegionHeartbeatRequest region = where(cluster, key);
    CompletableFuture<List<Region>> done =
        cluster
            .store(cluster.indexOf(region.getLeader().getStoreId()))
            .splitRegion(
                region.getRegion().getId(),
                region.getRegion().getRegionEpoch(),
                List.of(SimClient.bytes(at)))
            .toCompletableFuture();
    cluster.runUntil(done::isDone, 10 * SECOND);
    assertThat(done).isCompleted();
    boolean parted =
        cluster.runUntil(
            () ->
                id(cluster, key) != 0
                    && id(cluster, at) != 0
                    && id(cluster, key) != id(cluster, at),
            20 * SECOND);
    assertThat(parted).isTrue();
  }

  private static long id(SimCluster cluster, String key) {
    RegionHeartbeatRequest found = cluster.pd().locate(SimClient.bytes(key));
    return found == null ? 0 : found.getRegion().getId();
  }

  private static void orderMerge(SimCluster cluster, String source, String target) {
    RegionHeartbeatRequest from = cluster.pd().locate(SimClient.bytes(source));
    RegionHeartbeatRequest into = cluster.pd().locate(SimClient.bytes(target));
    if (from != null
        && into != null
        && from.getRegion().getId() != into.getRegion().getId()
        && cluster.isUp(cluster.indexOf(from.getLeader().getStoreId()))) {
      cluster
          .pd()
          .order(
              from.getRegion().getId(),
              RegionHeartbeatResponse.newBuilder()
                  .setMerge(Merge.newBuilder().setTarget(into.getRegion())));
    }
  }

  /** Orders a merge again and again, as the placement driver does, until it is done. */
  private static void merge(SimCluster cluster, String source, String target) {
    long gone = id(cluster, source);
    long into = id(cluster, target);
    for (int i = 0; i < 60; i++) {
      orderMerge(cluster, source, target);
      if (cluster.runUntil(() -> id(cluster, source) == into, 2 * SECOND)) {
        return;
      }
    }
    throw new AssertionError("region " + gone + " was not merged into " + into);
  }

  private static RegionLocalState stateOf(SimCluster cluster, int store, long regionId) {
    try {
      byte[] stored = cluster.engine(store).get(Cf.RAFT, LocalKeys.regionState(regionId));
      return stored == null
          ? RegionLocalState.getDefaultInstance()
          : RegionLocalState.parseFrom(stored);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitGone(SimCluster cluster, long regionId) {
    for (int store = 0; store < cluster.size(); store++) {
      int at = store;
      boolean gone =
          cluster.runUntil(
              () ->
                  cluster.store(at).region(regionId).isEmpty()
                      && stateOf(cluster, at, regionId).getState() == PeerState.Tombstone,
              120 * SECOND);
      assertThat(gone).as("region %d on store %d", regionId, store).isTrue();
      assertThat(cluster.engine(store).get(Cf.RAFT, LocalKeys.applyState(regionId))).isNull();
    }
  }

  private static void isolate(SimCluster cluster, int store) {
    for (int other = 0; other < cluster.size(); other++) {
      if (other != store) {
        cluster.network().cutBoth(cluster.storeId(store), cluster.storeId(other));
      }
    }
  }

  private static int leaderOf(SimCluster cluster, String key) {
    return cluster.indexOf(where(cluster, key).getLeader().getStoreId());
  }

  /** A store that leads neither of the two regions. */
  private static int bystander(SimCluster cluster) {
    for (int store = 0; store < cluster.size(); store++) {
      if (store != leaderOf(cluster, "a") && store != leaderOf(cluster, "z")) {
        return store;
      }
    }
    throw new AssertionError("every store leads a region");
  }

  @ParameterizedTest
  @ValueSource(strings = {"az", "za"})
  void twoRegionsBecomeOneThatServesAndSurvives(String order) {
    try (SimCluster cluster = cluster(61, RaftstoreConfig.defaults())) {
      SimClient client = splitInTwo(cluster);
      String source = order.substring(0, 1);
      long gone = id(cluster, source);
      long version =
          Math.max(
              where(cluster, "a").getRegion().getRegionEpoch().getVersion(),
              where(cluster, "z").getRegion().getRegionEpoch().getVersion());
      merge(cluster, source, order.substring(1));
      client.put("b", "3");
      client.put("y", "4");
      awaitGone(cluster, gone);
      Region whole = where(cluster, "b").getRegion();
      assertThat(whole.getStartKey()).isEmpty();
      assertThat(whole.getEndKey()).isEmpty();
      assertThat(whole.getRegionEpoch().getVersion()).isGreaterThan(version + 1);
      for (int store = 0; store < 3; store++) {
        cluster.crash(store);
        cluster.start(store);
      }
      assertThat(client.get("a") + client.get("b") + client.get("y") + client.get("z"))
          .isEqualTo("1342");
      awaitGone(cluster, gone);
      awaitEqualReplicas(cluster);
    }
  }

  @Test
  void leadersOnDifferentStoresMerge() {
    try (SimCluster cluster = cluster(62, RaftstoreConfig.defaults())) {
      SimClient client = splitInTwo(cluster);
      Peer other =
          where(cluster, "a").getRegion().getPeersList().stream()
              .filter(peer -> peer.getId() != where(cluster, "a").getLeader().getId())
              .findFirst()
              .orElseThrow();
      cluster
          .pd()
          .order(
              id(cluster, "a"),
              RegionHeartbeatResponse.newBuilder()
                  .setTransferLeader(TransferLeader.newBuilder().setPeer(other)));
      assertThat(
              cluster.runUntil(
                  () -> where(cluster, "a").getLeader().getId() == other.getId(), 5 * SECOND))
          .isTrue();
      merge(cluster, "a", "z");
      assertThat(client.get("a") + client.get("z")).isEqualTo("12");
    }
  }

  @Test
  void aPeerThatMissedTheMergeCatchesUpByTheLog() {
    try (SimCluster cluster = cluster(63, RaftstoreConfig.defaults())) {
      SimClient client = splitInTwo(cluster);
      long gone = id(cluster, "a");
      int late = bystander(cluster);
      isolate(cluster, late);
      client.put("b", "3");
      client.put("c", "4");
      merge(cluster, "a", "z");
      client.put("d", "5");
      assertThat(stateOf(cluster, late, gone).getState()).isEqualTo(PeerState.Normal);
      cluster.network().heal();
      awaitGone(cluster, gone);
      awaitEqualReplicas(cluster);
      assertThat(client.get("b") + client.get("c") + client.get("d")).isEqualTo("345");
    }
  }

  @Test
  void aPeerThatMissedTheMergeGivesWayToASnapshot() {
    try (SimCluster cluster = cluster(64, shortLog())) {
      SimClient client = splitInTwo(cluster);
      long gone = id(cluster, "a");
      int late = bystander(cluster);
      isolate(cluster, late);
      client.put("b", "3");
      merge(cluster, "a", "z");
      for (int i = 0; i < 100; i++) {
        client.put("key-" + i, "v");
      }
      cluster.runNanos(30 * SECOND);
      assertThat(stateOf(cluster, late, gone).getState()).isEqualTo(PeerState.Normal);
      cluster.network().heal();
      awaitGone(cluster, gone);
      awaitEqualReplicas(cluster);
      assertThat(stateOf(cluster, late, gone).getMergeState().getTarget().getId())
          .isEqualTo(id(cluster, "z"));
      cluster.crash(late);
      cluster.start(late);
      awaitEqualReplicas(cluster);
    }
  }

  @Test
  void aMergeWhoseTargetChangedIsRolledBack() {
    try (SimCluster cluster = cluster(65, RaftstoreConfig.defaults())) {
      SimClient client = splitInTwo(cluster);
      long source = id(cluster, "a");
      orderMerge(cluster, "a", "z");
      RegionHeartbeatRequest target = where(cluster, "z");
      CompletableFuture<List<Region>> split =
          cluster
              .store(leaderOf(cluster, "z"))
              .splitRegion(
                  target.getRegion().getId(),
                  target.getRegion().getRegionEpoch(),
                  List.of(SimClient.bytes("p")))
              .toCompletableFuture();
      boolean merging =
          cluster.runUntil(
              () ->
                  stateOf(cluster, leaderOf(cluster, "a"), source).getState() == PeerState.Merging,
              5 * SECOND);
      assertThat(merging).isTrue();
      assertThat(cluster.runUntil(split::isDone, 10 * SECOND)).isTrue();
      for (int store = 0; store < 3; store++) {
        int at = store;
        assertThat(
                cluster.runUntil(
                    () -> stateOf(cluster, at, source).getState() == PeerState.Normal, 30 * SECOND))
            .as("rolled back on store %d", store)
            .isTrue();
      }
      client.put("b", "3");
      assertThat(client.get("a") + client.get("b") + client.get("z")).isEqualTo("132");
      assertThat(id(cluster, "a")).isEqualTo(source);
      merge(cluster, "a", "n");
      assertThat(client.get("a") + client.get("b") + client.get("z")).isEqualTo("132");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {71, 72, 73, 74, 75, 76, 77, 78})
  void nothingIsLostByMergesAndSplitsUnderCrashesAndPartitions(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (SimCluster cluster = cluster(seed, shortLog())) {
      SimClient client = splitInTwo(cluster);
      Map<String, String> acknowledged = new TreeMap<>();
      int merges = 0;
      for (int round = 0; round < 12; round++) {
        trouble(cluster, random);
        if (id(cluster, "a") == id(cluster, "z")) {
          merges++;
          trySplit(cluster, random.nextBoolean() ? "m" : "g");
        }
        for (int i = 0; i < 6; i++) {
          orderMerge(cluster, random.nextBoolean() ? "a" : "z", random.nextBoolean() ? "a" : "z");
          String key = (char) ('a' + random.nextInt(26)) + "-" + round + "-" + i;
          CompletableFuture<?> done = client.tryPut(key, key);
          cluster.runUntil(done::isDone, SECOND);
          if (done.isDone() && !done.isCompletedExceptionally()) {
            acknowledged.put(key, key);
          }
          cluster.runNanos(random.nextLong(SECOND));
          if (random.nextInt(8) == 0) {
            int victim = random.nextInt(3);
            if (cluster.isUp(victim)) {
              cluster.crash(victim);
              cluster.start(victim);
            }
          }
        }
        cluster.network().heal();
        for (int store = 0; store < 3; store++) {
          if (!cluster.isUp(store)) {
            cluster.start(store);
          }
        }
      }
      cluster.runNanos(60 * SECOND);
      for (String key : acknowledged.keySet()) {
        assertThat(client.get(key)).as("seed %d key %s", seed, key).isEqualTo(key);
      }
      assertThat(acknowledged.size()).as("seed %d", seed).isGreaterThan(8);
      assertThat(merges).as("seed %d", seed).isPositive();
      awaitEqualReplicas(cluster);
      assertTiling(cluster, seed);
    }
  }

  private static void trouble(SimCluster cluster, SplittableRandom random) {
    int victim = random.nextInt(3);
    cluster.network().disturb(0.03, 0.03);
    switch (random.nextInt(4)) {
      case 0 -> cluster.crash(victim);
      case 1 -> isolate(cluster, victim);
      case 2 -> cluster.network().cut(cluster.storeId(victim), cluster.storeId((victim + 1) % 3));
      default -> {}
    }
  }

  private static void trySplit(SimCluster cluster, String at) {
    RegionHeartbeatRequest region = where(cluster, "a");
    int store = cluster.indexOf(region.getLeader().getStoreId());
    if (cluster.isUp(store)) {
      cluster
          .store(store)
          .splitRegion(
              region.getRegion().getId(),
              region.getRegion().getRegionEpoch(),
              List.of(SimClient.bytes(at)));
      cluster.runNanos(2 * SECOND);
    }
  }

  /** On every store the regions follow one another without a gap. */
  private static void assertTiling(SimCluster cluster, long seed) {
    for (int store = 0; store < cluster.size(); store++) {
      List<String> bounds = new ArrayList<>();
      String end = "";
      for (RegionStatus status : cluster.store(store).regions()) {
        assertThat(status.region().getStartKey().toStringUtf8())
            .as("seed %d store %d", seed, store)
            .isEqualTo(end);
        end = status.region().getEndKey().toStringUtf8();
        bounds.add(end);
      }
      assertThat(bounds.getLast()).as("seed %d store %d", seed, store).isEmpty();
    }
  }
}
