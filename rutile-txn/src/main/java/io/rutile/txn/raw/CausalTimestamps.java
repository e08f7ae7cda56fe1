package io.rutile.txn.raw;

import java.util.concurrent.CompletionStage;

/**
 * Timestamps that order raw writes of API V2: each is larger than any given out before it by this
 * source. Safe for use by any thread; never blocks.
 */
public interface CausalTimestamps {
  /** The next timestamp; usually complete on return. */
  CompletionStage<Long> next();

  /**
   * Drops what is cached: timestamps asked for from now on are larger than any that the oracle has
   * given to anybody so far.
   */
  void flush();
}
