package io.rutile.txn.raw;

import io.rutile.proto.kvrpcpb.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The ranges of a batch scan. */
final class RawRanges {
  private RawRanges() {}

  /** A range without an end, but for the last one, ends where the next one starts. */
  static List<KeyRange> resolved(List<KeyRange> ranges) {
    List<KeyRange> resolved = new ArrayList<>(ranges);
    for (int i = 0; i + 1 < resolved.size(); i++) {
      KeyRange range = resolved.get(i);
      if (range.getEndKey().isEmpty()) {
        resolved.set(i, range.toBuilder().setEndKey(ranges.get(i + 1).getStartKey()).build());
      }
    }
    return resolved;
  }

  /** Requires start before end, or after it for a reverse scan; the last end may be missing. */
  static void check(List<KeyRange> ranges, boolean reverse) {
    for (int i = 0; i < ranges.size(); i++) {
      byte[] start = ranges.get(i).getStartKey().toByteArray();
      byte[] end = ranges.get(i).getEndKey().toByteArray();
      if (end.length == 0 && i == ranges.size() - 1) {
        continue;
      }
      int order = Arrays.compareUnsigned(start, end);
      if (reverse ? order <= 0 : order >= 0) {
        throw RawException.invalidRanges();
      }
    }
  }
}
