package io.rutile.rpc.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.rpc.server.ServerStartException;
import io.rutile.rpc.tls.PeerNames;
import io.rutile.rpc.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A server for HTTP alone, as the status port of a store is. Safe for use by any thread. */
public final class HttpServer implements AutoCloseable {
  /** The largest request body unless another limit is given. */
  public static final int MAX_BODY_BYTES = 8 << 20;

  private final Channel listening;
  private final ChannelGroup connections;
  private final ExecutorService handlers;

  private HttpServer(Channel listening, ChannelGroup connections, ExecutorService handlers) {
    this.listening = listening;
    this.connections = connections;
    this.handlers = handlers;
  }

  /**
   * Starts to listen.
   *
   * @param port 0 for a free one
   * @param tls null for plain text
   * @throws ServerStartException when the address cannot be bound
   */
  public static HttpServer start(
      EventLoops loops, String host, int port, Router router, @Nullable TlsIdentity tls) {
    ExecutorService handlers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    HttpPipeline pipeline = new HttpPipeline(router, handlers, MAX_BODY_BYTES);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannelType())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Connections(pipeline, tls, connections));
    var bound = bootstrap.bind(host, port).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      handlers.shutdown();
      Throwable cause = bound.cause();
      throw ServerStartException.cannotListen(
          host, port, cause instanceof IOException e ? e : new IOException(cause));
    }
    return new HttpServer(bound.channel(), connections, handlers);
  }

  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Stops listening and closes all connections. */
  @Override
  public void close() {
    listening.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    handlers.shutdownNow();
  }

  private static final class Connections extends ChannelInitializer<Channel> {
    private final HttpPipeline http;
    private final @Nullable TlsIdentity tls;
    private final ChannelGroup all;

    Connections(HttpPipeline http, @Nullable TlsIdentity tls, ChannelGroup all) {
      this.http = http;
      this.tls = tls;
      this.all = all;
    }

    @Override
    protected void initChannel(Channel channel) {
      all.add(channel);
      if (tls == null) {
        channel.pipeline().addLast(http.handlers(true).toArray(ChannelHandler[]::new));
        return;
      }
      channel.pipeline().addLast(tls.serverContext().newHandler(channel.alloc()));
      channel.pipeline().addLast(new AfterHandshake(http, tls));
    }
  }

  private static final class AfterHandshake extends ChannelInboundHandlerAdapter {
    private final HttpPipeline http;
    private final TlsIdentity tls;

    AfterHandshake(HttpPipeline http, TlsIdentity tls) {
      this.http = http;
      this.tls = tls;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
        super.userEventTriggered(ctx, event);
        return;
      }
      if (!handshake.isSuccess()) {
        ctx.close();
        return;
      }
      var session = ctx.pipeline().get(SslHandler.class).engine().getSession();
      boolean admitted = PeerNames.admitted(session, tls.files().allowedNames());
      ctx.pipeline().addLast(http.handlers(admitted).toArray(ChannelHandler[]::new));
      ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
