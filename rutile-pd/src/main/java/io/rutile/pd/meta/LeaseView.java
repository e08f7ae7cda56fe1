package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import java.util.List;

/** Reads of the lease table. Safe for use by any thread. */
public interface LeaseView {
  /** All lease ids, ascending. */
  List<Long> ids();

  boolean exists(long leaseId);

  /** Seconds granted, 0 for an unknown lease. */
  long grantedTtlSeconds(long leaseId);

  /** Seconds until the lease expires as this member knows it, -1 for an unknown lease. */
  long remainingSeconds(long leaseId);

  /** Keys attached to the lease, in key order. */
  List<ByteString> keys(long leaseId);
}
