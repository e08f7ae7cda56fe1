package io.rutile.verify.workload;

import io.rutile.base.error.RutileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The threads of a workload: each repeats one step until the end. Used by the test thread. */
final class Clients {
  /** One step of a client. It may fail as clients' calls fail under faults. */
  interface Step {
    void run() throws InterruptedException;
  }

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
  private volatile boolean ending;

  void start(String name, Step step) {
    threads.add(
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .start(() -> {
              try {
                while (!ending) {
                  step.run();
                }
              } catch (InterruptedException | RuntimeException | AssertionError e) {
                broken.compareAndSet(null, e);
              }
            }));
  }

  /** Lets every client finish its step. Throws what a step broke with. */
  void end() {
    ending = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    check();
  }

  /** Throws what a step broke with, if any did. */
  void check() {
    Throwable failure = broken.get();
    if (failure != null) {
      throw new IllegalStateException("a client broke", failure);
    }
  }

  /** Whether a failed call is one that clients of a cluster under faults must live with. */
  static boolean bearable(RutileException failure) {
    return switch (failure.category()) {
      case RETRY_ELSEWHERE, RETRY_LATER -> true;
      case CALLER, CORRUPTION, BUG -> false;
    };
  }
}
