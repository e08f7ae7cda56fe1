package io.rutile.txn.gate;

import io.rutile.engine.api.Cf;

/** One change to a region's data. Keys are encoded keys without the engine's data prefix. */
public sealed interface Modify {
  record Put(Cf cf, byte[] key, byte[] value) implements Modify {}

  record Delete(Cf cf, byte[] key) implements Modify {}

  /**
   * Deletes [start, end), which must lie within the region.
   *
   * @param notifyOnly replicate without deleting
   */
  record DeleteRange(Cf cf, byte[] start, byte[] end, boolean notifyOnly) implements Modify {}
}
