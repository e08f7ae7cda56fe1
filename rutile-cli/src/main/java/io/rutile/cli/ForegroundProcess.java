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

  ForegroundProcess() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
  }

  synchronized <T extends AutoCloseable> T opened(T part) {
    started.push(part);
    return part;
  }

  /** Waits for the signal; never returns otherwise. */
  void awaitSignal() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  synchronized void stop() {
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
