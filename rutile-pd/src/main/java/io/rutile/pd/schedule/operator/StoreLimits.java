package io.rutile.pd.schedule.operator;

import io.rutile.pd.core.StoreInfo;
import java.util.HashMap;
import java.util.Map;

/**
 * How many peers a store may gain and lose in a minute. Each store and direction has a bucket of
 * tokens that fills at the rate; a small region costs less.
 *
 * <p>Owned by: the cluster loop.
 */
final class StoreLimits {
  private static final double COST = 1000;
  private static final double SMALL_COST = 200;
  private static final long SMALL_REGION_MIB = 20;
  private static final double NANOS_PER_MINUTE = 60e9;

  private record Key(long store, boolean gains) {}

  private static final class Bucket {
    private double tokens;
    private long filledNanos;
  }

  private final Map<Key, Bucket> buckets = new HashMap<>();

  private static double rate(StoreInfo store, boolean gains) {
    return gains ? store.settings().addPeerPerMinute() : store.settings().removePeerPerMinute();
  }

  /** Whether the store can take one more now. A bucket may be overdrawn by its last taker. */
  boolean isAvailable(StoreInfo store, boolean gains, long nowNanos) {
    return fill(store, gains, nowNanos).tokens > 0;
  }

  void take(StoreInfo store, boolean gains, long sizeMib, long nowNanos) {
    fill(store, gains, nowNanos).tokens -= sizeMib <= SMALL_REGION_MIB ? SMALL_COST : COST;
  }

  private Bucket fill(StoreInfo store, boolean gains, long nowNanos) {
    double capacity = rate(store, gains) * COST;
    Bucket bucket =
        buckets.computeIfAbsent(
            new Key(store.id(), gains),
            key -> {
              Bucket fresh = new Bucket();
              fresh.tokens = capacity;
              fresh.filledNanos = nowNanos;
              return fresh;
            });
    double added = (nowNanos - bucket.filledNanos) / NANOS_PER_MINUTE * capacity;
    bucket.tokens = Math.min(capacity, bucket.tokens + added);
    bucket.filledNanos = nowNanos;
    return bucket;
  }
}
