package io.rutile.txn.raw;

/**
 * A stored value that is visible.
 *
 * @param value the user's bytes
 * @param expireSeconds unix time at which it ceases to exist, 0 for never
 */
record RawValue(byte[] value, long expireSeconds) {
  /** Seconds left, 0 for no limit. */
  long ttl(long nowSeconds) {
    return expireSeconds == 0 ? 0 : expireSeconds - nowSeconds;
  }
}
