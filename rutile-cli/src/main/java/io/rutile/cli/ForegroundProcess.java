package io.rutile.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;

/**
 * Parts of a server that runs in the foreground until a signal ends the process: they are stopped
 * once, last started first, whether by the signal or because a later part did not start. Safe for
 * use by any thread.
 */
final class ForegroundProcess {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private boolean stopped;

  private ForegroundProcess() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
  }

  /** What starts the parts. */
  interface Start {
    void run(ForegroundProcess process);
  }

  /**
   * Runs a server: starts its parts and waits for the signal, so that it never returns. When a part
   * does not start, those before it are stopped and the failure is thrown.
   */
  static int run(Start start) throws InterruptedException {
    ForegroundProcess process = new ForegroundProcess();
    try {
      start.run(process);
    } catch (RuntimeException e) {
      process.stop();
      throw e;
    }
    new CountDownLatch(1).await();
    return 0;
  }

  synchronized <T extends AutoCloseable> T opened(T part) {
    started.push(part);
    return part;
  }

  private synchronized void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        System.err.println("rutile: while stopping: " + e.getMessage());
      }
    }
  }
}
