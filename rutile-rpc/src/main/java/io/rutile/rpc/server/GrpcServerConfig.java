package io.rutile.rpc.server;

/**
 * Limits of a gRPC server, TiKV's {@code server.grpc-*} items.
 *
 * @param concurrentStreams calls under way on one connection at most ({@code
 *     grpc-concurrent-stream})
 * @param streamWindowBytes flow-control window ({@code grpc-stream-initial-window-size})
 * @param maxReceiveBytes the largest message accepted; capped by {@code memoryQuotaBytes}
 * @param memoryQuotaBytes bytes of requests that may be under way at once ({@code
 *     grpc-memory-pool-quota})
 * @param keepAliveMillis when an idle connection is pinged ({@code grpc-keepalive-time})
 * @param keepAliveTimeoutMillis when a ping without answer closes it ({@code
 *     grpc-keepalive-timeout})
 */
public record GrpcServerConfig(
    int concurrentStreams,
    int streamWindowBytes,
    int maxReceiveBytes,
    long memoryQuotaBytes,
    long keepAliveMillis,
    long keepAliveTimeoutMillis) {

  /** TiKV's defaults, with the quota at a quarter of the heap instead of none. */
  public static GrpcServerConfig defaults() {
    return new GrpcServerConfig(
        1024,
        2 << 20,
        Integer.MAX_VALUE,
        Math.max(32L << 20, Runtime.getRuntime().maxMemory() / 4),
        10_000,
        3_000);
  }

  public GrpcServerConfig withMemoryQuota(long bytes) {
    return new GrpcServerConfig(
        concurrentStreams,
        streamWindowBytes,
        maxReceiveBytes,
        bytes,
        keepAliveMillis,
        keepAliveTimeoutMillis);
  }
}
