package io.rutile.rpc.server;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;
import io.rutile.rpc.http.HttpPipeline;
import io.rutile.rpc.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Gives every connection a {@link ProtocolSniffer}. It implements an interface that gRPC calls
 * internal: the version of gRPC is pinned, and {@code OnePortServerTest} fails when it changes.
 */
final class OnePortNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
  private final HttpPipeline http;
  private final @Nullable TlsIdentity tls;

  OnePortNegotiator(HttpPipeline http, @Nullable TlsIdentity tls) {
    this.http = http;
    this.tls = tls;
  }

  @Override
  public AsciiString scheme() {
    return AsciiString.of(tls == null ? "http" : "https");
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return new ProtocolSniffer(grpc, http, tls);
  }

  @Override
  public void close() {}
}
