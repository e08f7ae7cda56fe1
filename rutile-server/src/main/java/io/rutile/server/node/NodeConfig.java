package io.rutile.server.node;

import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.rpc.server.GrpcServerConfig;
import io.rutile.store.RaftstoreConfig;
import io.rutile.txn.storage.StorageOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How to run one store. Immutable. Keys in parentheses are TiKV's.
 *
 * @param listen where gRPC listens ({@code server.addr}) and what other processes are told
 * @param status where the status port listens ({@code server.status-addr})
 * @param dataDir directory of this store alone ({@code storage.data-dir})
 * @param pdEndpoints {@code host:port} of PD members ({@code pd.endpoints})
 * @param labels of the store ({@code server.labels})
 * @param disk limits of disk use
 * @param transportThreads event loops for gRPC and HTTP together ({@code server.grpc-concurrency})
 * @param storage transactions and raw keys; names the API version
 */
public record NodeConfig(
    Endpoint listen,
    Endpoint status,
    Path dataDir,
    List<String> pdEndpoints,
    Map<String, String> labels,
    Disk disk,
    int transportThreads,
    GrpcServerConfig grpc,
    RocksConfig rocks,
    RaftLogConfig raftLog,
    RaftstoreConfig raftstore,
    StorageOptions.Settings storage) {

  public NodeConfig {
    pdEndpoints = List.copyOf(pdEndpoints);
    labels = Map.copyOf(labels);
  }

  /**
   * An address to listen on.
   *
   * @param port 0 picks a free one
   * @param advertised {@code host:port} that others are told; empty for the address listened on
   */
  public record Endpoint(String host, int port, String advertised) {
    public static Endpoint of(String host, int port) {
      return new Endpoint(host, port, "");
    }

    String advertisedAt(int actualPort) {
      return advertised.isEmpty() ? host + ":" + actualPort : advertised;
    }
  }

  /**
   * Limits of disk use.
   *
   * @param capacityBytes what the store may use, 0 for the whole disk ({@code raftstore.capacity})
   * @param reservedBytes kept free ({@code storage.reserve-space})
   */
  public record Disk(long capacityBytes, long reservedBytes) {}

  /** A store that shares a small machine with others: modest caches, buffers and thread counts. */
  public static NodeConfig small(
      Endpoint listen,
      Endpoint status,
      Path dataDir,
      List<String> pdEndpoints,
      APIVersion apiVersion) {
    return new NodeConfig(
        listen,
        status,
        dataDir,
        pdEndpoints,
        Map.of(),
        new Disk(0, 64L << 20),
        2,
        GrpcServerConfig.defaults(),
        RocksConfig.small(),
        RaftLogConfig.small(),
        RaftstoreConfig.defaults(),
        StorageOptions.Settings.defaults(apiVersion, Runtime.getRuntime().availableProcessors()));
  }
}
