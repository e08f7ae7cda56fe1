package io.rutile.txn.gate;

import io.rutile.proto.kvrpcpb.Context;

/**
 * What a request says about the region it is for, and its deadline.
 *
 * @param proto the request's context as it came
 * @param term the term that a proposal must still find, 0 for any; a command sets the term of its
 *     snapshot
 * @param deadlineNanos monotonic time after which the request is answered "deadline is exceeded";
 *     Long.MAX_VALUE for none
 */
public record RegionContext(Context proto, long term, long deadlineNanos) {
  public static RegionContext of(Context proto) {
    return new RegionContext(proto, proto.getTerm(), Long.MAX_VALUE);
  }

  public long regionId() {
    return proto.getRegionId();
  }

  public RegionContext withTerm(long newTerm) {
    return new RegionContext(proto, newTerm, deadlineNanos);
  }

  public RegionContext withDeadlineNanos(long deadline) {
    return new RegionContext(proto, term, deadline);
  }
}
