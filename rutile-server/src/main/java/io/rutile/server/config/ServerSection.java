package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.OneOf;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableDuration;
import io.rutile.base.config.ReadableSize;
import io.rutile.rpc.server.GrpcServerConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Section {@code [server]}. */
public record ServerSection(
    @Describe("Where clients and other stores connect.") String addr,
    @Describe("What they are told to connect to; addr when empty.") String advertiseAddr,
    @Describe("Where metrics, configuration and profiles are served over HTTP; none when empty.")
        String statusAddr,
    @Describe("What PD tells others of the status address; status-addr when empty.")
        String advertiseStatusAddr,
    @Describe("Threads that move bytes of gRPC and HTTP.") @Range(min = "1", max = "256")
        @Nullable Integer grpcConcurrency,
    @Describe("Calls under way on one connection at most.") @Range(min = "1")
        int grpcConcurrentStream,
    @Describe("Bytes of requests that may be under way at once.") @Range(min = "1MB")
        @Nullable ReadableSize grpcMemoryPoolQuota,
    @Describe("Flow-control window of a stream.") @Range(min = "64KB", max = "1GB")
        ReadableSize grpcStreamInitialWindowSize,
    @Describe("When an idle connection is pinged.") @Range(min = "1s")
        ReadableDuration grpcKeepaliveTime,
    @Describe("When a ping without answer closes the connection.") @Range(min = "100ms")
        ReadableDuration grpcKeepaliveTimeout,
    @Describe("Compression of responses.") @OneOf({"none", "gzip"}) String grpcCompressionType,
    @Describe("Snapshots that are sent at once.") @Range(min = "1") int concurrentSendSnapLimit,
    @Describe("Snapshots that are received at once.") @Range(min = "1") int concurrentRecvSnapLimit,
    @Describe("Bytes of snapshots per second; no limit when 0.") ReadableSize snapIoMaxBytesPerSec,
    @Describe("How long requests under way may take when the process is asked to end.")
        ReadableDuration gracefulShutdownTimeout,
    @Describe("Where this store stands, for PD's placement: zone, rack, host.")
        Map<String, String> labels) {
  private static final Pattern LABEL_KEY = Pattern.compile("\\$?[A-Za-z0-9]([-A-Za-z0-9_./]*\\w)?");
  private static final Pattern LABEL_VALUE = Pattern.compile("[-A-Za-z0-9_./]*");

  public ServerSection {
    Addresses.check("server.addr", addr);
    for (Map.Entry<String, String> address :
        List.of(
            Map.entry("server.advertise-addr", advertiseAddr),
            Map.entry("server.status-addr", statusAddr),
            Map.entry("server.advertise-status-addr", advertiseStatusAddr))) {
      if (!address.getValue().isEmpty()) {
        Addresses.check(address.getKey(), address.getValue());
      }
    }
    labels.forEach((key, value) -> {
      if (!LABEL_KEY.matcher(key).matches() || !LABEL_VALUE.matcher(value).matches()) {
        throw new IllegalArgumentException(
            "label "
                + key
                + " = \""
                + value
                + "\": letters, digits and - _ . / are allowed, the key not beginning or"
                + " ending with a sign");
      }
    });
  }

  static ServerSection defaults() {
    return new ServerSection(
        "127.0.0.1:20160",
        "",
        "127.0.0.1:20180",
        "",
        null,
        1024,
        null,
        ReadableSize.mib(2),
        ReadableDuration.seconds(10),
        ReadableDuration.seconds(3),
        "none",
        32,
        32,
        ReadableSize.mib(100),
        ReadableDuration.seconds(20),
        Map.of());
  }

  /** Event loops of gRPC and HTTP together. */
  public int transportThreads() {
    return Objects.requireNonNull(grpcConcurrency);
  }

  /** Limits of the gRPC server. */
  public GrpcServerConfig grpc() {
    return new GrpcServerConfig(
        grpcConcurrentStream,
        Math.toIntExact(grpcStreamInitialWindowSize.bytes()),
        Integer.MAX_VALUE,
        Objects.requireNonNull(grpcMemoryPoolQuota).bytes(),
        grpcKeepaliveTime.toMillis(),
        grpcKeepaliveTimeout.toMillis());
  }
}
