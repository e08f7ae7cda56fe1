package io.rutile.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.engine.api.Cf;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.store.testing.SimCluster;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleStoreTest {
  @TempDir Path directory;

  private SimCluster cluster(long seed) {
    return new SimCluster(seed, 1, RaftstoreConfig.defaults(), directory);
  }

  @Test
  void aFreshStoreFoundsTheClusterAndServes() {
    try (SimCluster cluster = cluster(1)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      assertThat(client.get("a")).isEqualTo("1");
      assertThat(client.get("b")).isEmpty();
    }
  }

  @Test
  void aLeasedReadIsCompleteOnReturn() {
    try (SimCluster cluster = cluster(2)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      RegionHeartbeatRequest where = cluster.pd().locate(SimClient.bytes("a"));
      CompletableFuture<RegionSnapshot> read =
          cluster
              .store(0)
              .snapshot(SimClient.context(where), ReadGuard.LEADER)
              .toCompletableFuture();
      assertThat(read).isCompleted();
      read.join().close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void nothingAcknowledgedIsLostInACrash(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (SimCluster cluster = cluster(seed)) {
      SimClient client = new SimClient(cluster);
      client.put("first", "0");
      List<String> acknowledged = new ArrayList<>();
      for (int round = 0; round < 8; round++) {
        List<CompletableFuture<?>> writes = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          String key = "key-" + round + "-" + i;
          keys.add(key);
          writes.add(client.tryPut(key, key));
          if (random.nextInt(4) == 0) {
            cluster.step();
          }
        }
        int steps = random.nextInt(4);
        for (int i = 0; i < steps; i++) {
          cluster.step();
        }
        for (int i = 0; i < keys.size(); i++) {
          if (writes.get(i).isDone() && !writes.get(i).isCompletedExceptionally()) {
            acknowledged.add(keys.get(i));
          }
        }
        cluster.crash(0);
        cluster.start(0);
        for (String key : acknowledged) {
          assertThat(client.get(key)).as("seed %d key %s", seed, key).isEqualTo(key);
        }
      }
      assertThat(acknowledged).isNotEmpty();
    }
  }

  @Test
  void theLogIsCutAndTheStoreStillRestarts() {
    try (SimCluster cluster = cluster(3)) {
      SimClient client = new SimClient(cluster);
      for (int i = 0; i < 200; i++) {
        client.put("key-" + i, "value-" + i);
      }
      cluster.runNanos(30 * SimClient.SECOND);
      cluster.crash(0);
      cluster.start(0);
      for (int i = 0; i < 200; i++) {
        assertThat(client.get("key-" + i)).isEqualTo("value-" + i);
      }
    }
  }

  @Test
  void aSplitMakesTwoRegionsThatServeAndSurvive() {
    try (SimCluster cluster = cluster(4)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      client.put("z", "2");
      RegionHeartbeatRequest where = cluster.pd().locate(SimClient.bytes("a"));
      var split =
          cluster
              .store(0)
              .splitRegion(
                  where.getRegion().getId(),
                  where.getRegion().getRegionEpoch(),
                  List.of(SimClient.bytes("m")))
              .toCompletableFuture();
      cluster.runUntil(split::isDone, 10 * SimClient.SECOND);
      assertThat(split.join()).hasSize(2);
      assertThatThrownBy(() -> staleRead(cluster, where))
          .satisfies(
              e -> assertThat(((RegionErrorException) e).error().hasEpochNotMatch()).isTrue());
      cluster.runNanos(5 * SimClient.SECOND);
      client.put("b", "3");
      client.put("y", "4");
      cluster.crash(0);
      cluster.start(0);
      cluster.runNanos(5 * SimClient.SECOND);
      assertThat(cluster.store(0).regions()).hasSize(2);
      assertThat(client.get("a") + client.get("b") + client.get("y") + client.get("z"))
          .isEqualTo("1342");
    }
  }

  private static void staleRead(SimCluster cluster, RegionHeartbeatRequest where) {
    var read =
        cluster.store(0).snapshot(SimClient.context(where), ReadGuard.LEADER).toCompletableFuture();
    cluster.runUntil(read::isDone, SimClient.SECOND);
    try {
      read.join().close();
    } catch (CompletionException e) {
      throw (RuntimeException) e.getCause();
    }
  }

  @Test
  void aRequestForAnotherRegionStoreOrPeerIsRefusedWithTheTypedError() {
    try (SimCluster cluster = cluster(5)) {
      SimClient client = new SimClient(cluster);
      client.put("a", "1");
      RegionHeartbeatRequest where = cluster.pd().locate(SimClient.bytes("a"));
      assertThat(refusal(cluster, where, c -> c.setRegionId(99)).hasRegionNotFound()).isTrue();
      assertThat(
              refusal(cluster, where, c -> c.setPeer(c.getPeer().toBuilder().setStoreId(99)))
                  .hasStoreNotMatch())
          .isTrue();
      assertThat(
              refusal(cluster, where, c -> c.setPeer(c.getPeer().toBuilder().setId(99)))
                  .hasMismatchPeerId())
          .isTrue();
      assertThat(refusal(cluster, where, c -> c.setTerm(1)).hasStaleCommand()).isTrue();
      assertThat(refusal(cluster, where, c -> c.clearRegionEpoch()).getMessage())
          .isEqualTo("missing epoch!");
      assertThat(
              refusal(
                      cluster,
                      where,
                      c -> c.setRegionEpoch(c.getRegionEpoch().toBuilder().setVersion(77).build()))
                  .getEpochNotMatch()
                  .getCurrentRegionsList())
          .hasSize(1);
    }
  }

  private interface Change {
    void apply(io.rutile.proto.kvrpcpb.Context.Builder context);
  }

  private static io.rutile.proto.errorpb.Error refusal(
      SimCluster cluster, RegionHeartbeatRequest where, Change change) {
    var proto = SimClient.context(where).proto().toBuilder();
    change.apply(proto);
    var write =
        cluster
            .store(0)
            .propose(
                RegionContext.of(proto.build()),
                WriteBatchData.of(
                    List.of(
                        new Modify.Put(Cf.DEFAULT, SimClient.bytes("k"), SimClient.bytes("v")))))
            .toCompletableFuture();
    cluster.runUntil(write::isDone, SimClient.SECOND);
    return ((RegionErrorException) write.exceptionNow()).error();
  }
}
