package io.rutile.verify.txn;

import java.util.OptionalLong;
import java.util.TreeMap;

/** Start timestamps that somebody still works with: garbage is collected below all of them only. */
final class OpenTimestamps {
  private final TreeMap<Long, Integer> counts = new TreeMap<>();

  void begin(long startTs) {
    counts.merge(startTs, 1, Integer::sum);
  }

  void end(long startTs) {
    counts.computeIfPresent(startTs, (key, count) -> count == 1 ? null : count - 1);
  }

  OptionalLong oldest() {
    return counts.isEmpty() ? OptionalLong.empty() : OptionalLong.of(counts.firstKey());
  }
}
