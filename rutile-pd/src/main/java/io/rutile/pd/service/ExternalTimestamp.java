package io.rutile.pd.service;

import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.proto.pdpb.ErrorType;

/** A timestamp that an outside system keeps here for reads in its past. */
final class ExternalTimestamp {
  private ExternalTimestamp() {}

  static long get(LeaderSession session) {
    session.cluster();
    String stored = session.meta().text(session.paths().externalTimestamp());
    return stored == null ? 0 : Long.parseUnsignedLong(stored, 16);
  }

  static void set(LeaderSession session, long timestamp) {
    long now = TsoCall.allocate(session.oracle(), 1);
    if (Long.compareUnsigned(timestamp, now) > 0) {
      throw new ClusterException(
          ErrorType.INVALID_VALUE, "the external timestamp should not be larger than global ts");
    }
    if (Long.compareUnsigned(timestamp, get(session)) < 0) {
      throw new ClusterException(
          ErrorType.INVALID_VALUE,
          "the external timestamp should be larger than current external timestamp");
    }
    session.meta().put(session.paths().externalTimestamp(), Long.toUnsignedString(timestamp, 16));
  }
}
