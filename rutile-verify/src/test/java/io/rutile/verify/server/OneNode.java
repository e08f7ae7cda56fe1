package io.rutile.verify.server;

import io.rutile.base.clock.Clock;
import io.rutile.base.thread.Fatal;
import io.rutile.client.kv.KeyMode;
import io.rutile.client.kv.RawClient;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.client.pd.RegionInfo;
import io.rutile.pd.PdServer;
import io.rutile.pd.PdServerConfig;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import io.rutile.server.node.StoreNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/** PD and one store in this JVM, with free ports. Used by one test thread. */
final class OneNode implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What would have ended the process. */
  final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

  final PdServer pd;
  final StoreNode store;
  final LiveConfig config;

  private OneNode(PdServer pd, LiveConfig config) {
    this.pd = pd;
    this.config = config;
    Fatal recording = (reason, cause) -> fatal.add(reason + ": " + cause);
    this.store = StoreNode.start(config, recording);
  }

  /**
   * @param items of the store, over those of a shared machine
   */
  static OneNode start(PdServerConfig pdConfig, Path directory, Map<String, String> items) {
    PdServer pd = PdServer.start(pdConfig);
    try {
      return new OneNode(pd, storeConfig(pd, directory, items));
    } catch (RuntimeException e) {
      pd.close();
      throw e;
    }
  }

  static OneNode start(Path directory, Map<String, String> items) {
    return start(
        PdServerConfig.single("pd", directory.resolve("pd"), "127.0.0.1", 0), directory, items);
  }

  static LiveConfig storeConfig(PdServer pd, Path directory, Map<String, String> items) {
    Map<String, String> all = new HashMap<>(TikvConfig.sharedMachine());
    all.put("server.addr", "127.0.0.1:0");
    all.put("server.status-addr", "127.0.0.1:0");
    all.put("server.graceful-shutdown-timeout", "1s");
    all.put("storage.data-dir", directory.resolve("tikv").toString());
    all.put("pd.endpoints", pd.clientUrl());
    all.putAll(items);
    return new LiveConfig(TikvConfig.load(null, all, Machine.here()), null, level -> {});
  }

  /** A client of this cluster; close it before the cluster. */
  Client client(ChannelOptions options) {
    return new Client(options);
  }

  Client client() {
    return client(ChannelOptions.DEFAULT);
  }

  @Override
  public void close() {
    store.close();
    pd.close();
  }

  /** Raw keys in API V1, and what they need. */
  final class Client implements AutoCloseable {
    final ChannelPool channels;
    final GrpcPdClient pdClient;
    final RawClient raw;

    private Client(ChannelOptions options) {
      channels = new ChannelPool(options);
      pdClient = GrpcPdClient.connect(channels, List.of(pd.clientUrl()), Clock.system(), PATIENCE);
      raw = new RawClient(channels, pdClient, KeyMode.RAW_V1, Clock.system());
    }

    /** The store's services, without any retries. */
    TikvGrpc.TikvBlockingStub tikv() {
      return TikvGrpc.newBlockingStub(channels.channel(store.address()))
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** The context of requests for that raw key; waits until PD knows the region's leader. */
    Context context(byte[] key) {
      AtomicReference<RegionInfo> found = new AtomicReference<>();
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> {
            pdClient.getRegion(key).get().ifPresent(found::set);
            return found.get() != null && found.get().leader() != null;
          });
      return Context.newBuilder()
          .setClusterId(pd.clusterId())
          .setRegionId(found.get().region().getId())
          .setRegionEpoch(found.get().region().getRegionEpoch())
          .setPeer(found.get().leader())
          .build();
    }

    @Override
    public void close() {
      pdClient.close();
      channels.close();
    }
  }
}
