package io.rutile.raft.readonly;

import com.google.protobuf.ByteString;

/**
 * A peer's request for a read index.
 *
 * @param from the peer that reads
 * @param context returned with the answer
 */
public record ReadRequest(long from, ByteString context) {}
