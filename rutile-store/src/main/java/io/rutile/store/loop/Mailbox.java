package io.rutile.store.loop;

import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Commands on their way to one agent: any thread offers, the owner polls. It has no bound of its
 * own, since what the store's parts tell each other must not be lost; whoever takes commands from
 * outside looks at {@link #size()} first.
 */
public final class Mailbox<T> {
  private static final int CHUNK = 1024;

  private final MpscUnboundedAtomicArrayQueue<T> queue = new MpscUnboundedAtomicArrayQueue<>(CHUNK);
  private volatile @Nullable Thread waiting;

  public void offer(T command) {
    queue.offer(command);
    wake();
  }

  /** Owner only. */
  public @Nullable T poll() {
    return queue.poll();
  }

  public int size() {
    return queue.size();
  }

  /** Ends the owner's wait. */
  public void wake() {
    Thread owner = waiting;
    if (owner != null) {
      LockSupport.unpark(owner);
    }
  }

  /** Owner only: waits until something is offered, at most so long; may return early. */
  void await(long nanos) {
    waiting = Thread.currentThread();
    if (queue.isEmpty()) {
      LockSupport.parkNanos(this, nanos);
    }
    waiting = null;
  }
}
