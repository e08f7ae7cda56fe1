package io.rutile.server.service;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.server.CallProxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Proxies calls for another store: a client that cannot reach a store asks one that it can reach,
 * naming the target in the metadata key {@code tikv-forwarded-host}.
 *
 * <p>Thread-safe; calls to one target are spread over a bounded number of connections.
 */
final class ForwardingInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> FORWARDED_HOST =
      Metadata.Key.of("tikv-forwarded-host", Metadata.ASCII_STRING_MARSHALLER);

  private final String ownAddress;
  private final ChannelPool channels;
  private final int connectionsPerAddress;
  private final AtomicInteger turns = new AtomicInteger();

  /**
   * @param ownAddress where clients reach this store; calls forwarded to it are served here
   * @param connectionsPerAddress TiKV's {@code server.forward-max-connections-per-address}
   */
  ForwardingInterceptor(String ownAddress, ChannelPool channels, int connectionsPerAddress) {
    this.ownAddress = ownAddress;
    this.channels = channels;
    this.connectionsPerAddress = connectionsPerAddress;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String target = headers.get(FORWARDED_HOST);
    if (target == null || ChannelPool.withoutScheme(target).equals(ownAddress)) {
      return next.startCall(call, headers);
    }
    headers.removeAll(FORWARDED_HOST);
    int connection = Math.floorMod(turns.getAndIncrement(), connectionsPerAddress);
    return CallProxy.start(call, headers, channels.channel(target, connection));
  }
}
