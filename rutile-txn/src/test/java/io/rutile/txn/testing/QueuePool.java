package io.rutile.txn.testing;

import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import java.util.ArrayDeque;
import java.util.Deque;

/** A pool without threads: tasks run one after the other on the thread that offers the first. */
public final class QueuePool implements TaskPool {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private boolean running;

  @Override
  public boolean offer(Priority priority, Runnable task) {
    resume(priority, task);
    return true;
  }

  @Override
  public void resume(Priority priority, Runnable task) {
    tasks.add(task);
    if (running) {
      return;
    }
    running = true;
    try {
      for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
        next.run();
      }
    } finally {
      running = false;
    }
  }

  @Override
  public long estimatedWaitNanos() {
    return 0;
  }

  @Override
  public int queued() {
    return tasks.size();
  }

  @Override
  public void close() {}
}
