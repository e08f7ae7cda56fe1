package io.rutile.store.heartbeat;

/** How full the store's disk is. Safe for use by any thread; cheap. */
public interface DiskSpace {
  /** Size of the disk, or the configured capacity when that is smaller. */
  long capacityBytes();

  /** Bytes that may still be written. */
  long availableBytes();

  /** Bytes that this store uses. */
  long usedBytes();

  /** How near to full. */
  Usage usage();

  /** As in TiKV's disk usage: writes are limited from ALMOST_FULL on. */
  enum Usage {
    NORMAL,
    ALMOST_FULL,
    ALREADY_FULL
  }
}
