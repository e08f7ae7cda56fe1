/**
 * Client of the Placement Driver. The leader is found and followed by {@code LeaderTracker};
 * timestamps are batched by {@code TimestampBatcher}. Every method may be called by any thread and
 * none of them blocks: completions run on an RPC thread and must not block either.
 */
@NullMarked
package io.rutile.client.pd;

import org.jspecify.annotations.NullMarked;
