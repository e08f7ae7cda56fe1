package io.rutile.base.thread;

import java.util.concurrent.ThreadFactory;

/** Makes the daemon threads of owners and pools. Stateless. */
public final class Threads {
  private Threads() {}

  /** A thread that is not started. An exception that escapes from {@code body} is fatal. */
  public static Thread create(String name, Fatal fatal, Runnable body) {
    return builder(name, fatal).unstarted(body);
  }

  /** Threads {@code prefix-0}, {@code prefix-1} and so on. */
  public static ThreadFactory factory(String prefix, Fatal fatal) {
    return builder("", fatal).name(prefix + "-", 0).factory();
  }

  private static Thread.Builder.OfPlatform builder(String name, Fatal fatal) {
    return Thread.ofPlatform()
        .daemon()
        .name(name)
        .uncaughtExceptionHandler(
            (thread, failure) -> fatal.stop("thread " + thread.getName() + " died", failure));
  }
}
