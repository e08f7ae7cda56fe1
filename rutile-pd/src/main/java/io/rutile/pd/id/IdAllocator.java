package io.rutile.pd.id;

import io.rutile.pd.meta.MetaKv;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ids for stores, regions, peers and operators, from 1 upwards. Blocks of {@link #STEP} are made
 * durable ahead, so that most calls touch no disk; what is left of a block is lost with the
 * leadership.
 */
public final class IdAllocator {
  /** Ids reserved by one write. */
  static final long STEP = 1000;

  private final MetaKv meta;
  private final String path;
  private final ReentrantLock lock = new ReentrantLock();
  private long lastGiven;
  private long durableEnd;

  public IdAllocator(MetaKv meta, String path) {
    this.meta = meta;
    this.path = path;
  }

  /** Starts behind everything that was ever reserved. Call when leadership begins. */
  public void rebase() {
    lock.lock();
    try {
      durableEnd = stored();
      lastGiven = durableEnd;
    } finally {
      lock.unlock();
    }
  }

  private long stored() {
    byte[] saved = meta.get(path);
    return saved == null ? 0 : MetaKv.number(saved);
  }

  public long allocate() {
    return allocate(1);
  }

  /** The last of {@code count} consecutive new ids. May block on a commit. */
  public long allocate(long count) {
    if (count <= 0) {
      throw new IllegalArgumentException("count must be positive, but is " + count);
    }
    lock.lock();
    try {
      if (lastGiven + count > durableEnd) {
        reserve(lastGiven + count + STEP - 1);
      }
      lastGiven += count;
      return lastGiven;
    } finally {
      lock.unlock();
    }
  }

  /** Makes every id up to {@code end} one that is never given again. */
  public void skipTo(long end) {
    lock.lock();
    try {
      if (end > durableEnd) {
        reserve(end);
      }
      lastGiven = Math.max(lastGiven, end);
    } finally {
      lock.unlock();
    }
  }

  private void reserve(long end) {
    meta.put(path, MetaKv.number(end));
    durableEnd = end;
  }
}
