package io.rutile.store.loop;

/**
 * Something with its own state and one owner. {@link #turn} does what there is to do and returns;
 * it may block on the disk when the agent is made for that, never on another agent.
 */
public interface Agent extends AutoCloseable {
  String name();

  Mailbox<?> mailbox();

  /** Does what is due. Returns whether anything was. */
  boolean turn();

  /** Monotonic time at which a turn is due although nothing arrives; Long.MAX_VALUE for never. */
  default long nextTurnNanos() {
    return Long.MAX_VALUE;
  }

  /** After the last turn: gives back what the agent holds. */
  @Override
  default void close() {}
}
