package io.rutile.txn.pool;

/** Runs tasks. A seam: production has threads, a simulation runs them as it likes. */
public interface TaskPool extends AutoCloseable {
  /**
   * Takes in new work unless the pool has too much of it already.
   *
   * @return false when the pool is full or closed; the task will not run then
   */
  boolean offer(Priority priority, Runnable task);

  /**
   * Takes in the continuation of work that was accepted before: never refused for lack of room.
   * After close it runs on the calling thread, so that whoever waits for it is answered.
   */
  void resume(Priority priority, Runnable task);

  /** How long a task that is offered now would wait, as far as recent tasks tell. */
  long estimatedWaitNanos();

  /** Tasks that wait for a thread. */
  int queued();

  /** Refuses new tasks; returns when those that were taken in have run. */
  @Override
  void close();
}
