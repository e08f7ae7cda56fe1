package io.rutile.store.testing;

import io.rutile.store.heartbeat.DiskSpace;

/** A disk that never fills. */
public final class AmpleDisk implements DiskSpace {
  private static final long CAPACITY = 1L << 40;

  @Override
  public long capacityBytes() {
    return CAPACITY;
  }

  @Override
  public long availableBytes() {
    return CAPACITY / 2;
  }

  @Override
  public long usedBytes() {
    return 0;
  }

  @Override
  public Usage usage() {
    return Usage.NORMAL;
  }
}
