package io.rutile.pd.meta;

import com.google.protobuf.ByteString;

/**
 * What to watch.
 *
 * @param key first key
 * @param rangeEnd end of the range, exclusive; empty for the single key, one zero byte for "to the
 *     end"
 * @param startRevision first revision to report, 0 for what comes after the registration
 * @param previousValues whether events carry the pair as it was before
 */
public record WatchSpec(
    ByteString key, ByteString rangeEnd, long startRevision, boolean previousValues) {
  public static WatchSpec prefix(ByteString prefix, long startRevision) {
    return new WatchSpec(prefix, KeyRanges.prefixEnd(prefix), startRevision, false);
  }
}
