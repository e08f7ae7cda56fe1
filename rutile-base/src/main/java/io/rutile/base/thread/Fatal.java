package io.rutile.base.thread;

import org.slf4j.LoggerFactory;

/**
 * What happens when this process must not go on: an owner thread died, or a write to the log failed
 * and nobody knows what the disk holds. Going on would acknowledge what may be lost.
 */
@FunctionalInterface
public interface Fatal {
  /** Exit status of {@link #haltProcess()}. */
  int EXIT_STATUS = 70;

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
        LoggerFactory.getLogger(Fatal.class).error("fatal: {}", reason, cause);
      } finally {
        Runtime.getRuntime().halt(EXIT_STATUS);
      }
    };
  }
}
