package io.rutile.txn.raw;

import org.jspecify.annotations.Nullable;

/**
 * One key that a raw request writes.
 *
 * @param value the new value, null to delete
 * @param ttl seconds to live, 0 for no limit
 */
record RawChange(byte[] userKey, byte @Nullable [] value, long ttl) {
  long sizeBytes() {
    return userKey.length + (value == null ? 0 : value.length);
  }
}
