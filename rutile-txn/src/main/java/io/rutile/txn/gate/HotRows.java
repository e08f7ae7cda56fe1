package io.rutile.txn.gate;

import io.rutile.engine.api.Cf;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one region that are at hand in memory, each as it is at the moment when it is asked
 * for. Not a snapshot: two rows may be of different moments. Used by one thread, which it never
 * blocks and never makes wait for a disk.
 *
 * <p>Raw rows are asked for by {@link Cf#DEFAULT} and the engine's key, transactional ones by
 * {@link Cf#WRITE} and the encoded key without a timestamp.
 */
public interface HotRows {
  /** The newest state of a row; null when it is not at hand or lies outside the region. */
  @Nullable HotRow find(Cf cf, byte[] encodedKey);

  /**
   * Whether what was found may be told: this peer may have lost the region meanwhile. Asked once,
   * after the last row; nothing that was found may be used before.
   */
  boolean confirm();
}
