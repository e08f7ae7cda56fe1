package io.rutile.pd.gc;

/**
 * A hold on a safe point.
 *
 * @param ts versions needed from this timestamp on
 * @param expiresAtSeconds when the hold ends, in seconds since 1970; {@link Long#MAX_VALUE} for
 *     never
 */
public record GcBarrier(String id, long ts, long expiresAtSeconds) {
  public boolean isExpired(long nowSeconds) {
    return expiresAtSeconds != Long.MAX_VALUE && expiresAtSeconds <= nowSeconds;
  }

  /** Remaining seconds; {@link Long#MAX_VALUE} for a hold without end. */
  public long ttlSeconds(long nowSeconds) {
    return expiresAtSeconds == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : Math.max(0, expiresAtSeconds - nowSeconds);
  }
}
