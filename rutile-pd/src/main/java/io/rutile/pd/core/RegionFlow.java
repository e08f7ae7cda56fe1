package io.rutile.pd.core;

import io.rutile.proto.metapb.Buckets;
import io.rutile.proto.pdpb.QueryStats;
import org.jspecify.annotations.Nullable;

/**
 * Size and traffic of a region, as reported for one interval.
 *
 * @param sizeMib approximate size; at least 1 once reported
 * @param intervalSeconds length of the interval that the traffic belongs to, 0 when unknown
 * @param cpuPercent CPU use of the region's reads, in percent of one core
 */
public record RegionFlow(
    long bytesWritten,
    long bytesRead,
    long keysWritten,
    long keysRead,
    long sizeMib,
    long keys,
    long kvSizeMib,
    long columnarKvSizeMib,
    long cpuPercent,
    long intervalSeconds,
    QueryStats queries,
    @Nullable Buckets buckets) {
  public static final RegionFlow NONE =
      new RegionFlow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, QueryStats.getDefaultInstance(), null);

  public RegionFlow withSize(long mib, long keyCount) {
    return new RegionFlow(
        bytesWritten,
        bytesRead,
        keysWritten,
        keysRead,
        mib,
        keyCount,
        kvSizeMib,
        columnarKvSizeMib,
        cpuPercent,
        intervalSeconds,
        queries,
        buckets);
  }

  public RegionFlow withBuckets(@Nullable Buckets changed) {
    return new RegionFlow(
        bytesWritten,
        bytesRead,
        keysWritten,
        keysRead,
        sizeMib,
        keys,
        kvSizeMib,
        columnarKvSizeMib,
        cpuPercent,
        intervalSeconds,
        queries,
        changed);
  }
}
