package io.rutile.raft.core;

import com.google.protobuf.ByteString;

/**
 * A read may be served once the state machine has applied {@code index}.
 *
 * @param requestContext the bytes given to {@code RaftNode.readIndex}
 */
public record ReadState(long index, ByteString requestContext) {}
