package io.rutile.base.clock;

/**
 * Runs tasks later. A seam: production has one thread, a simulation runs due tasks when it moves
 * its clock. Safe for use by any thread.
 */
public interface Timers {
  /** One task that waits for its time. */
  @FunctionalInterface
  interface Timeout {
    /** Whether the task will not run; false when it has run, is running or was cancelled before. */
    boolean cancel();
  }

  /**
   * Runs {@code task} once, {@code delayNanos} from now or soon after. Tasks must be short and must
   * not block: they share a thread.
   */
  Timeout after(long delayNanos, Runnable task);
}
