package io.rutile.txn.scheduler;

/** Decides under engine pressure whether ordinary writes are taken in. Safe for any thread. */
@FunctionalInterface
public interface FlowControl {
  /** Takes everything. */
  FlowControl OPEN = bytes -> true;

  /** Whether a write of about {@code bytes} may come in now. */
  boolean admits(long bytes);
}
