/**
 * Client side of gRPC: one channel for each address, with the keepalive and window settings that
 * TiKV's clients use. Channels are safe for use by any thread.
 */
@NullMarked
package io.rutile.rpc.channel;

import org.jspecify.annotations.NullMarked;
