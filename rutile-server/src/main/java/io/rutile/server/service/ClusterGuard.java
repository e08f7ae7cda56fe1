package io.rutile.server.service;

import io.grpc.Status;
import io.rutile.proto.kvrpcpb.Context;
import org.jspecify.annotations.Nullable;

/** Refuses requests that were meant for another cluster. Immutable. */
record ClusterGuard(long clusterId) {
  /** The status to end the call with, or null when the request may be served. */
  @Nullable Status refusal(Context context) {
    long wanted = context.getClusterId();
    if (wanted == 0 || wanted == clusterId) {
      return null;
    }
    return Status.INVALID_ARGUMENT.withDescription(
        "cluster id mismatch: the request is for "
            + Long.toUnsignedString(wanted)
            + ", this store belongs to "
            + Long.toUnsignedString(clusterId));
  }
}
