package io.rutile.engine.api;

import org.jspecify.annotations.Nullable;

/**
 * Reads of one consistent or current state. Keys are engine keys: what the layer above calls them
 * is its own affair. I/O failures and corruption are thrown as {@link EngineException}.
 */
public interface EngineReader {
  /** The value, or null when the key is absent. The array belongs to the caller. */
  byte @Nullable [] get(Cf cf, byte[] key);

  /**
   * A cursor over [lower, upper), where an empty upper bound means no bound. The caller closes it.
   */
  EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options);
}
