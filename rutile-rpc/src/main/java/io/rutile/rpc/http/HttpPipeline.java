package io.rutile.rpc.http;

import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** What turns a connection's bytes into routed requests. Shared by all connections of a server. */
public final class HttpPipeline {
  private static final int COMPRESS_FROM_BYTES = 1024;
  private static final int IDLE_SECONDS = 300;

  private static final Router REFUSING =
      Router.refusing(403, "the client's certificate is not one of those allowed by this server");

  private final Router router;
  private final Executor executor;
  private final int maxBodyBytes;

  /**
   * @param executor runs handlers, which may block
   * @param maxBodyBytes a larger request body is answered with status 413
   */
  public HttpPipeline(Router router, Executor executor, int maxBodyBytes) {
    this.router = router;
    this.executor = executor;
    this.maxBodyBytes = maxBodyBytes;
  }

  /**
   * New handlers for one connection, in the order of the pipeline.
   *
   * @param admitted false to answer everything with status 403
   */
  public List<ChannelHandler> handlers(boolean admitted) {
    return List.of(
        new IdleStateHandler(0, 0, IDLE_SECONDS, TimeUnit.SECONDS),
        new HttpServerCodec(),
        new HttpContentCompressor(COMPRESS_FROM_BYTES, StandardCompressionOptions.gzip()),
        new HttpObjectAggregator(maxBodyBytes),
        new HttpConnectionHandler(admitted ? router : REFUSING, executor));
  }
}
