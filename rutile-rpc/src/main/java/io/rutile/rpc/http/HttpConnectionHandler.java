package io.rutile.rpc.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * One connection: requests are handled one after the other in the order in which they came, and
 * reading pauses while one is being handled. Owned by the connection's event loop; only the router
 * runs elsewhere.
 */
final class HttpConnectionHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private final Router router;
  private final Executor executor;
  private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();
  private boolean busy;

  HttpConnectionHandler(Router router, Executor executor) {
    this.router = router;
    this.executor = executor;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest message) {
    boolean keepAlive = HttpUtil.isKeepAlive(message);
    if (!message.decoderResult().isSuccess()) {
      respond(ctx, HttpResponse.text(400, "not a valid HTTP request"), false, false);
      return;
    }
    boolean head = message.method().equals(HttpMethod.HEAD);
    HttpRequest request;
    try {
      request = toRequest(message);
    } catch (IllegalArgumentException e) {
      respond(ctx, HttpResponse.text(400, "not a valid URL: " + message.uri()), false, head);
      return;
    }
    waiting.add(new Exchange(request, keepAlive, head));
    ctx.channel().config().setAutoRead(false);
    next(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof IdleStateEvent && !busy) {
      ctx.close();
      return;
    }
    super.userEventTriggered(ctx, event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private void next(ChannelHandlerContext ctx) {
    if (busy) {
      return;
    }
    Exchange exchange = waiting.poll();
    if (exchange == null) {
      ctx.channel().config().setAutoRead(true);
      return;
    }
    busy = true;
    executor.execute(() -> {
      HttpResponse response = router.handle(exchange.request);
      ctx.executor()
          .execute(() -> {
            busy = false;
            respond(ctx, response, exchange.keepAlive, exchange.head);
            if (exchange.keepAlive) {
              next(ctx);
            }
          });
    });
  }

  private static void respond(
      ChannelHandlerContext ctx, HttpResponse response, boolean keepAlive, boolean head) {
    FullHttpResponse message =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(response.status()),
            head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(response.body()));
    response.headers().forEach((name, value) -> message.headers().set(name, value));
    message.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
    HttpUtil.setKeepAlive(message, keepAlive);
    ChannelFuture written = ctx.writeAndFlush(message);
    if (!keepAlive) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private static HttpRequest toRequest(FullHttpRequest message) {
    QueryStringDecoder url = new QueryStringDecoder(message.uri());
    Map<String, String> headers = new HashMap<>();
    message
        .headers()
        .forEach(entry -> headers.put(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
    headers.put(HttpRequest.TARGET, message.uri());
    return new HttpRequest(
        message.method().name(),
        url.path(),
        Map.of(),
        url.parameters(),
        headers,
        ByteBufUtil.getBytes(message.content()));
  }

  private record Exchange(HttpRequest request, boolean keepAlive, boolean head) {}
}
