package io.rutile.verify.raft;

/** A run broke a promise of Raft. The message says which, and the seed that repeats it. */
public final class SimViolation extends AssertionError {
  private static final long serialVersionUID = 1L;

  SimViolation(String message) {
    super(message);
  }

  SimViolation(String message, Throwable cause) {
    super(message, cause);
  }
}
