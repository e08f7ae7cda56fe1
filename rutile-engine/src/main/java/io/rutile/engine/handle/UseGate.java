package io.rutile.engine.handle;

import io.rutile.engine.api.EngineException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Guards a resource that any thread uses and one thread ends: whoever uses it is counted, and the
 * end waits until nobody is inside.
 *
 * <p>Why so: a native object that is used after it was freed takes the process down, and a
 * read-write lock would make all readers write one cache line. Here each thread counts itself in
 * one of several stripes, so that an uncontended use costs two atomic additions.
 *
 * <p>Correctness: a user first counts itself and then reads {@code closed}; the closer first sets
 * {@code closed} and then reads the counts. All four are sequentially consistent, so either the
 * user sees the gate closed and leaves, or the closer sees the user and waits. A stripe that was
 * zero after {@code closed} was set holds only users who will be turned away.
 *
 * <p>Not reentrant for the closing thread: who is inside must not close the gate.
 */
public final class UseGate {
  /** Longs between two stripes, so that no two share a cache line or its prefetched neighbour. */
  private static final int STRIDE = 16;

  private final String name;
  private final AtomicLongArray inside;
  private final int mask;
  private volatile @Nullable Thread closer;
  private volatile boolean closed;

  /**
   * @param name what is guarded, for error messages
   * @param stripes number of counters, a power of two; 1 for what is mostly used by one thread
   */
  public UseGate(String name, int stripes) {
    if (Integer.bitCount(stripes) != 1) {
      throw new IllegalArgumentException("stripes is not a power of two: " + stripes);
    }
    this.name = name;
    this.inside = new AtomicLongArray(stripes == 1 ? 1 : stripes * STRIDE);
    this.mask = stripes - 1;
  }

  /**
   * Comes in. The caller passes the result to {@link #exit} in a finally block.
   *
   * @throws EngineException of kind CLOSED after the gate was closed
   */
  public int enter() {
    int slot = tryEnter();
    if (slot < 0) {
      throw new EngineException(EngineException.Kind.CLOSED, name + " is closed");
    }
    return slot;
  }

  /** Comes in, or returns a negative number when the gate is closed. */
  public int tryEnter() {
    int slot = mask == 0 ? 0 : stripe() * STRIDE;
    inside.getAndIncrement(slot);
    if (closed) {
      exit(slot);
      return -1;
    }
    return slot;
  }

  public void exit(int slot) {
    inside.getAndDecrement(slot);
    if (closed) {
      Thread waiting = closer;
      if (waiting != null) {
        LockSupport.unpark(waiting);
      }
    }
  }

  public boolean isClosed() {
    return closed;
  }

  /**
   * Turns away whoever comes from now on and waits until nobody is inside.
   *
   * @return true for the one call that closed the gate and now owns the resource; false, at once,
   *     when it was closed before
   */
  public boolean close() {
    synchronized (this) {
      if (closed) {
        return false;
      }
      closer = Thread.currentThread();
      closed = true;
    }
    boolean interrupted = false;
    for (int stripe = 0; stripe <= mask; stripe++) {
      while (inside.get(mask == 0 ? 0 : stripe * STRIDE) != 0) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    closer = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private int stripe() {
    long id = Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L;
    return (int) (id >>> 40) & mask;
  }
}
