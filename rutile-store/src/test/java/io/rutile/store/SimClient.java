package io.rutile.store;

import io.rutile.engine.api.Cf;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.store.testing.SimCluster;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client of a simulated cluster: finds leaders by asking the placement driver, retries. */
final class SimClient {
  static final long SECOND = 1_000_000_000L;
  private final SimCluster cluster;

  SimClient(SimCluster cluster) {
    this.cluster = cluster;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static RegionContext context(RegionHeartbeatRequest where) {
    return RegionContext.of(
        Context.newBuilder()
            .setRegionId(where.getRegion().getId())
            .setRegionEpoch(where.getRegion().getRegionEpoch())
            .setPeer(where.getLeader())
            .build());
  }

  CompletableFuture<Applied> tryPut(String key, String value) {
    RegionHeartbeatRequest where = cluster.pd().locate(bytes(key));
    if (where == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("no region"));
    }
    int store = cluster.indexOf(where.getLeader().getStoreId());
    if (!cluster.isUp(store)) {
      return CompletableFuture.failedFuture(new IllegalStateException("store down"));
    }
    return cluster
        .store(store)
        .propose(
            context(where),
            WriteBatchData.of(List.of(new Modify.Put(Cf.DEFAULT, bytes(key), bytes(value)))))
        .toCompletableFuture();
  }

  /** Puts and retries until it is acknowledged. */
  void put(String key, String value) {
    long end = cluster.clock().monotonicNanos() + 120 * SECOND;
    while (cluster.clock().monotonicNanos() < end) {
      CompletableFuture<Applied> done = tryPut(key, value);
      cluster.runUntil(done::isDone, 30 * SECOND);
      if (done.isDone() && !done.isCompletedExceptionally()) {
        return;
      }
      cluster.runNanos(SECOND / 2);
    }
    throw new AssertionError("put of " + key + " was not acknowledged");
  }

  /** Reads linearizably, with retries. */
  String get(String key) {
    long end = cluster.clock().monotonicNanos() + 120 * SECOND;
    while (cluster.clock().monotonicNanos() < end) {
      RegionHeartbeatRequest where = cluster.pd().locate(bytes(key));
      if (where != null) {
        int store = cluster.indexOf(where.getLeader().getStoreId());
        if (cluster.isUp(store)) {
          CompletableFuture<RegionSnapshot> done =
              cluster.store(store).snapshot(context(where), ReadGuard.LEADER).toCompletableFuture();
          cluster.runUntil(done::isDone, 30 * SECOND);
          if (done.isDone() && !done.isCompletedExceptionally()) {
            try (RegionSnapshot snapshot = done.join()) {
              byte[] value = snapshot.get(Cf.DEFAULT, bytes(key));
              return value == null ? "" : new String(value, StandardCharsets.UTF_8);
            }
          }
        }
      }
      cluster.runNanos(SECOND / 2);
    }
    throw new AssertionError("get of " + key + " was not answered");
  }
}
