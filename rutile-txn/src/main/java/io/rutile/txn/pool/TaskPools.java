package io.rutile.txn.pool;

import io.rutile.base.clock.Clock;

/** Makes the pools of a store. A seam: production makes threads, a simulation keeps to its own. */
@FunctionalInterface
public interface TaskPools {
  /**
   * A pool that the caller closes.
   *
   * @param name of its threads
   * @param threads how many tasks run at a time
   * @param maxTasksPerThread how many tasks may wait for each thread before new ones are refused
   */
  TaskPool create(String name, int threads, int maxTasksPerThread);

  /** Pools of daemon threads {@code name-0}, {@code name-1}, ... */
  static TaskPools threads(Clock clock) {
    return (name, threads, maxTasksPerThread) ->
        new WorkerPool(WorkerPool.threads(name), threads, maxTasksPerThread, clock);
  }
}
