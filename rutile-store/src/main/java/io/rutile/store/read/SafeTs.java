package io.rutile.store.read;

/**
 * The timestamp up to which a replica has everything: no write with a lower commit timestamp can
 * still arrive. The leader announces it together with the log index that a replica must have
 * applied first. Announced on the store loop, raised by the apply progress, read by any thread.
 */
public final class SafeTs {
  private long pendingIndex;
  private long pendingTs;
  private volatile long safeTs;

  /** The leader says that {@code ts} is safe once {@code index} is applied. */
  public synchronized void announce(long index, long ts, long appliedIndex) {
    if (Long.compareUnsigned(ts, pendingTs) > 0) {
      pendingIndex = index;
      pendingTs = ts;
    }
    settle(appliedIndex);
  }

  /** Entries up to {@code appliedIndex} are applied. */
  public synchronized void onApplied(long appliedIndex) {
    settle(appliedIndex);
  }

  /** What a merge took in may lag behind: nothing above {@code ts} is safe any more. */
  public synchronized void lower(long ts) {
    pendingTs = 0;
    pendingIndex = 0;
    if (Long.compareUnsigned(safeTs, ts) > 0) {
      safeTs = ts;
    }
  }

  public long get() {
    return safeTs;
  }

  private void settle(long appliedIndex) {
    if (pendingTs != 0
        && appliedIndex >= pendingIndex
        && Long.compareUnsigned(pendingTs, safeTs) > 0) {
      safeTs = pendingTs;
    }
  }
}
