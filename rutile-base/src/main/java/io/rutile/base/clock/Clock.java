package io.rutile.base.clock;

/** Time as a component sees it. Implementations are safe for use by any thread. */
public interface Clock {
  /** Wall clock: milliseconds since 1970-01-01 UTC. May jump in both directions. */
  long wallMillis();

  /** Monotonic nanoseconds with an arbitrary origin; never goes back within a process. */
  long monotonicNanos();

  /** The clocks of this machine. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
