package io.rutile.rpc.channel;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Channels by address ({@code host:port}), made on first use and kept until {@link #close()}. gRPC
 * connects and reconnects underneath. Callbacks of calls run on the channel's event loop, so they
 * must not block. Safe for use by any thread.
 */
public final class ChannelPool implements AutoCloseable {
  private static final long CLOSE_SECONDS_MAX = 5;

  private final ChannelOptions options;
  private final ConcurrentHashMap<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  public ChannelPool(ChannelOptions options) {
    this.options = options;
  }

  /** The channel to {@code address}, which may carry a scheme ({@code http://host:port}). */
  public ManagedChannel channel(String address) {
    return channel(address, 0);
  }

  /** One of several connections to the same address, told apart by {@code number}. */
  public ManagedChannel channel(String address, int number) {
    String target = withoutScheme(address);
    ManagedChannel channel = channels.computeIfAbsent(target + '#' + number, key -> open(target));
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  /** Strips {@code http://} or {@code https://} and a trailing slash. */
  public static String withoutScheme(String address) {
    int scheme = address.indexOf("://");
    String bare = scheme < 0 ? address : address.substring(scheme + 3);
    return bare.endsWith("/") ? bare.substring(0, bare.length() - 1) : bare;
  }

  private ManagedChannel open(String target) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget(target)
            .directExecutor()
            .keepAliveTime(options.keepAliveMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(options.keepAliveTimeoutMillis(), TimeUnit.MILLISECONDS)
            .keepAliveWithoutCalls(true)
            .flowControlWindow(options.windowBytes())
            .maxInboundMessageSize(options.maxMessageBytes());
    if (options.ssl() == null) {
      builder.negotiationType(NegotiationType.PLAINTEXT);
    } else {
      builder.negotiationType(NegotiationType.TLS).sslContext(options.ssl());
    }
    return builder.build();
  }

  /** Ends all channels and the calls on them. */
  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    for (ManagedChannel channel : channels.values()) {
      try {
        channel.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
