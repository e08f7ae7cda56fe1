package io.rutile.store.testing;

import io.rutile.store.heartbeat.DiskSpace;

/** The disk space of a simulated store: ample unless a test says otherwise. */
public final class SimDisk implements DiskSpace {
  private static final long CAPACITY = 1L << 40;

  private volatile Usage usage = Usage.NORMAL;

  public void fill(Usage changed) {
    usage = changed;
  }

  @Override
  public long capacityBytes() {
    return CAPACITY;
  }

  @Override
  public long availableBytes() {
    return usage == Usage.NORMAL ? CAPACITY / 2 : 0;
  }

  @Override
  public long usedBytes() {
    return CAPACITY - availableBytes();
  }

  @Override
  public Usage usage() {
    return usage;
  }
}
