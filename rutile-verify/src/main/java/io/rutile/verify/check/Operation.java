package io.rutile.verify.check;

/**
 * One client call in a history.
 *
 * @param client who called; a client has at most one call open at a time
 * @param input what was asked
 * @param call moment of the call, on one clock for the whole history
 * @param output what was answered; meaningless while the outcome is unknown
 * @param returned moment of the answer; {@link #OPEN} when no answer came, so that the call may
 *     take effect at any later moment or never
 */
public record Operation<I, O>(int client, I input, long call, O output, long returned) {
  /** The moment of an answer that never came. */
  public static final long OPEN = Long.MAX_VALUE;

  public Operation {
    if (returned < call) {
      throw new IllegalArgumentException(
          "answered at " + returned + ", before the call at " + call);
    }
  }

  public boolean open() {
    return returned == OPEN;
  }
}
