package io.rutile.txn.gc;

import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a region what nobody can see any more, one batch at a time. Stateless; safe for use by
 * any thread.
 */
@FunctionalInterface
public interface GarbageSweep {
  /**
   * What counts as garbage, and how much of it one batch may take.
   *
   * @param safePoint readers are at or above it
   * @param nowSeconds unix time, for values that expire
   * @param maxKeys keys of which something is removed
   * @param maxBytes bytes of the removals
   * @param maxScanned records looked at, which bounds how long the snapshot is held
   */
  record Aim(long safePoint, long nowSeconds, int maxKeys, long maxBytes, long maxScanned) {}

  /**
   * One batch.
   *
   * @param modifies the removals, which may be applied in one write
   * @param bytes their size
   * @param next where the next batch begins, null when the region is done
   * @param scanned records looked at
   * @param removed records removed
   * @param dueAt the least safe point at which something that was seen and left becomes garbage;
   *     {@link io.rutile.base.codec.TimeStamp#MAX} when nothing ever will without another write
   */
  record Batch(
      List<Modify> modifies,
      long bytes,
      byte @Nullable [] next,
      long scanned,
      long removed,
      long dueAt) {}

  /**
   * Looks at the region from {@code from} on, an encoded key within it.
   *
   * @throws io.rutile.base.error.CorruptionException when a record cannot be read
   */
  Batch next(RegionSnapshot snapshot, byte[] from, Aim aim);
}
