package io.rutile.base.thread;

import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * What happens when this process must not go on: an owner thread died, or a write to the log failed
 * and nobody knows what the disk holds. Going on would acknowledge what may be lost.
 */
@FunctionalInterface
public interface Fatal {
  /** Exit status of {@link #haltProcess()}. */
  int EXIT_STATUS = 70;

  /** Marks an event that ends the process; the log writes it with level FATAL. */
  Marker FATAL = MarkerFactory.getMarker("FATAL");

  /**
   * Stops whatever must not go on.
   *
   * @param reason one sentence for the operator
   */
  void stop(String reason, Throwable cause);

  /** Logs and ends the process at once, without shutdown hooks, as a crash would. */
  static Fatal haltProcess() {
    return (reason, cause) -> {
      try {
        LoggerFactory.getLogger(Fatal.class).error(FATAL, reason, cause);
      } finally {
        Runtime.getRuntime().halt(EXIT_STATUS);
      }
    };
  }
}
