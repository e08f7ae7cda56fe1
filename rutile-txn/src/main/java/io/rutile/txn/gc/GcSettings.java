package io.rutile.txn.gc;

import java.time.Duration;

/**
 * Settings of garbage collection, named by their configuration items.
 *
 * @param batchKeys gc.batch-keys: keys of which one write removes something
 * @param maxWriteBytesPerSecond gc.max-write-bytes-per-sec, 0 for no limit
 * @param pollInterval how often the safe point is asked for
 */
public record GcSettings(int batchKeys, long maxWriteBytesPerSecond, Duration pollInterval) {
  public static GcSettings defaults() {
    return new GcSettings(512, 0, Duration.ofSeconds(10));
  }
}
