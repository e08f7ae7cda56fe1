package io.rutile.txn.raw;

import io.rutile.txn.gate.RegionSnapshot;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps causal timestamps in order over changes of leader. An earlier leader of a region may have
 * stamped versions with timestamps above those that are cached here, so the first write in each
 * term of a region drops the cache. Safe for use by any thread.
 */
final class CausalFence {
  private final CausalTimestamps timestamps;
  private final Map<Long, Long> termOfRegion = new ConcurrentHashMap<>();

  CausalFence(CausalTimestamps timestamps) {
    this.timestamps = timestamps;
  }

  /** A timestamp above that of every version in the region that {@code snapshot} could see. */
  CompletionStage<Long> next(RegionSnapshot snapshot) {
    long term = snapshot.term();
    Long known = termOfRegion.get(snapshot.regionId());
    if (known == null || known < term) {
      timestamps.flush();
      termOfRegion.merge(snapshot.regionId(), term, Math::max);
    }
    return timestamps.next();
  }
}
