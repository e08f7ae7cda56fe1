package io.rutile.base.clock;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Timers} on one daemon thread. Tasks that are due when it is closed do not run. */
public final class ThreadTimers implements Timers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadTimers.class);

  private final ScheduledThreadPoolExecutor executor;

  /**
   * @param threadName name of the thread
   */
  public ThreadTimers(String threadName) {
    executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name(threadName).daemon(true).unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRejectedExecutionHandler((task, closed) -> {});
  }

  @Override
  public Timeout after(long delayNanos, Runnable task) {
    ScheduledFuture<?> future =
        executor.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a timer task failed", e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
