package io.rutile.rpc.server;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.InternalChannelz;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.rutile.rpc.http.HttpPipeline;
import io.rutile.rpc.tls.PeerNames;
import io.rutile.rpc.tls.TlsIdentity;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first three bytes of a connection and hands it to gRPC when they are those of the
 * HTTP/2 preface, else to HTTP/1.1. With TLS it looks behind the TLS handler, which it installs
 * itself.
 *
 * <p>gRPC announces the start of negotiation by an event that comes before any byte. The event is
 * held until the protocol is known and is then passed to gRPC's own handler; without it that
 * handler closes the connection. A peer that says nothing is cut off after {@link
 * #SILENCE_SECONDS}.
 *
 * <p>Owned by the connection's event loop.
 */
final class ProtocolSniffer extends ByteToMessageDecoder {
  static final int SILENCE_SECONDS = 30;
  private static final int LOOK_AT = 3;

  private final GrpcHttp2ConnectionHandler grpc;
  private final HttpPipeline http;
  private final @Nullable TlsIdentity tls;
  private @Nullable ProtocolNegotiationEvent held;
  private @Nullable Future<?> silence;

  ProtocolSniffer(GrpcHttp2ConnectionHandler grpc, HttpPipeline http, @Nullable TlsIdentity tls) {
    this.grpc = grpc;
    this.http = http;
    this.tls = tls;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (tls != null) {
      SslHandler handler = tls.serverContext().newHandler(ctx.alloc());
      ctx.pipeline().addBefore(ctx.name(), null, handler);
    }
    silence = ctx.executor().schedule(() -> ctx.close(), SILENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ProtocolNegotiationEvent negotiation) {
      held = negotiation;
    } else if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (!handshake.isSuccess()) {
        ctx.close();
      }
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < LOOK_AT) {
      return;
    }
    int at = in.readerIndex();
    boolean http2 = in.getByte(at) == 'P' && in.getByte(at + 1) == 'R' && in.getByte(at + 2) == 'I';
    if (silence != null) {
      silence.cancel(false);
    }
    if (http2) {
      toGrpc(ctx);
    } else {
      toHttp(ctx);
    }
    ctx.pipeline().remove(this);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (silence != null) {
      silence.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private void toGrpc(ChannelHandlerContext ctx) {
    ProtocolNegotiationEvent event = held;
    if (event == null) {
      throw new IllegalStateException("bytes came before the start of negotiation");
    }
    SSLSession session = session(ctx);
    if (session != null) {
      Attributes attributes =
          InternalProtocolNegotiationEvent.getAttributes(event).toBuilder()
              .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
              .build();
      event =
          InternalProtocolNegotiationEvent.withSecurity(
              InternalProtocolNegotiationEvent.withAttributes(event, attributes),
              new InternalChannelz.Security(new InternalChannelz.Tls(session)));
    }
    ctx.pipeline()
        .addAfter(ctx.name(), null, InternalProtocolNegotiators.grpcNegotiationHandler(grpc));
    ctx.fireUserEventTriggered(event);
  }

  private void toHttp(ChannelHandlerContext ctx) {
    SSLSession session = session(ctx);
    boolean admitted =
        tls == null || (session != null && PeerNames.admitted(session, tls.files().allowedNames()));
    List<ChannelHandler> handlers = http.handlers(admitted);
    for (ChannelHandler handler : handlers.reversed()) {
      ctx.pipeline().addAfter(ctx.name(), null, handler);
    }
  }

  private static @Nullable SSLSession session(ChannelHandlerContext ctx) {
    SslHandler handler = ctx.pipeline().get(SslHandler.class);
    return handler == null ? null : handler.engine().getSession();
  }
}
