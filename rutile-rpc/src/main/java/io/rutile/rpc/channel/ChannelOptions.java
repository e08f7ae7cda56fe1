package io.rutile.rpc.channel;

import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * How channels are made.
 *
 * @param keepAliveMillis interval of HTTP/2 pings on an open connection
 * @param keepAliveTimeoutMillis how long an unanswered ping is waited for
 * @param windowBytes HTTP/2 flow-control window of a connection and of each stream
 * @param maxMessageBytes largest message that is accepted
 * @param ssl TLS settings, null for plain text
 */
public record ChannelOptions(
    long keepAliveMillis,
    long keepAliveTimeoutMillis,
    int windowBytes,
    int maxMessageBytes,
    @Nullable SslContext ssl) {
  /** Plain text with the settings of TiKV's own clients: ping each 10 s, wait 3 s. */
  public static final ChannelOptions DEFAULT =
      new ChannelOptions(10_000, 3_000, 8 << 20, Integer.MAX_VALUE, null);

  /** The same with TLS. */
  public ChannelOptions withTls(SslContext context) {
    return new ChannelOptions(
        keepAliveMillis, keepAliveTimeoutMillis, windowBytes, maxMessageBytes, context);
  }
}
