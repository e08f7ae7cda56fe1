package io.rutile.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.clock.Clock;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.store.heartbeat.PdGateway;
import io.rutile.store.observe.TxnHooks;
import io.rutile.store.testing.NoTransport;
import io.rutile.store.testing.SimDisk;
import io.rutile.store.testing.SimPd;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store on RocksDB and the segmented log, with its real threads. */
@Timeout(60)
class RealEngineTest {
  private static final int WRITERS = 8;
  private static final int WRITES = 400;
  @TempDir Path directory;

  private Store open(KvEngine engine, RaftLog log, PdGateway pd, APIVersion version) {
    return Store.open(
        new StoreOptions(
            RaftstoreConfig.defaults(),
            engine,
            log,
            pd,
            new NoTransport(),
            Clock.system(),
            io.rutile.proto.metapb.Store.newBuilder().setAddress("127.0.0.1:1").build(),
            version,
            directory.resolve("snap"),
            1,
            new SimDisk(),
            TxnHooks.NONE,
            List.of(),
            new MetricRegistry()));
  }

  private static RegionContext context(SimPd pd) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < end) {
      RegionHeartbeatRequest where = pd.locate(SimClient.bytes("a"));
      if (where != null) {
        return SimClient.context(where);
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no leader");
  }

  @Test
  void whatManyThreadsWroteIsThereAfterAReopen() throws Exception {
    SimPd pd = new SimPd(Clock.system());
    Path data = directory.resolve("db");
    Path raft = directory.resolve("raft");
    try (KvEngine engine = RocksKvEngine.open(data, RocksConfig.small());
        RaftLog log = SegmentRaftLog.open(raft, RaftLogConfig.small());
        Store store = open(engine, log, pd.gateway(), APIVersion.V1)) {
      RegionContext context = context(pd);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < WRITERS; t++) {
        int writer = t;
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  List<CompletableFuture<?>> writes = new ArrayList<>();
                  for (int i = 0; i < WRITES; i++) {
                    byte[] key = SimClient.bytes("key-" + writer + "-" + i);
                    writes.add(
                        store
                            .propose(
                                context,
                                WriteBatchData.of(List.of(new Modify.Put(Cf.DEFAULT, key, key))))
                            .toCompletableFuture());
                  }
                  writes.forEach(CompletableFuture::join);
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(store.failure()).isEmpty();
    }
    try (KvEngine engine = RocksKvEngine.open(data, RocksConfig.small());
        RaftLog log = SegmentRaftLog.open(raft, RaftLogConfig.small());
        Store store = open(engine, log, pd.gateway(), APIVersion.V1)) {
      RegionSnapshot snapshot = readable(store, context(pd));
      try (snapshot) {
        for (int t = 0; t < WRITERS; t++) {
          for (int i = 0; i < WRITES; i++) {
            byte[] key = SimClient.bytes("key-" + t + "-" + i);
            assertThat(snapshot.get(Cf.DEFAULT, key)).isEqualTo(key);
          }
        }
      }
    }
  }

  /** The peer has to be elected again before it serves. */
  private static RegionSnapshot readable(Store store, RegionContext context) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < end) {
      try {
        return store.snapshot(context, ReadGuard.LEADER).toCompletableFuture().join();
      } catch (java.util.concurrent.CompletionException notYet) {
        Thread.onSpinWait();
      }
    }
    throw new AssertionError("not readable");
  }

  @Test
  void dataOfAnotherClusterOrVersionIsRefused() {
    SimPd pd = new SimPd(Clock.system());
    try (KvEngine engine = RocksKvEngine.open(directory.resolve("db"), RocksConfig.small());
        RaftLog log = SegmentRaftLog.open(directory.resolve("raft"), RaftLogConfig.small())) {
      open(engine, log, pd.gateway(), APIVersion.V1).close();
      PdGateway real = pd.gateway();
      PdGateway other =
          (PdGateway)
              Proxy.newProxyInstance(
                  PdGateway.class.getClassLoader(),
                  new Class<?>[] {PdGateway.class},
                  (self, method, args) ->
                      method.getName().equals("clusterId") ? 8L : method.invoke(real, args));
      assertThatThrownBy(() -> open(engine, log, other, APIVersion.V1))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("cluster 7")
          .hasMessageContaining("cluster 8");
      assertThatThrownBy(() -> open(engine, log, pd.gateway(), APIVersion.V2))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("API version");
    }
  }
}
