package io.rutile.store.observe;

import io.rutile.proto.metapb.Region;
import java.util.List;

/**
 * Hears of regions and of what is applied to them. Every method has an empty default and must not
 * block or throw.
 */
public interface RegionObserver {
  /** This store's peer became leader of the region in {@code term}, or ceased to be. Store loop. */
  default void onRoleChange(Region region, long term, boolean leader) {}

  /** The region was created here or changed its range or peers. Store loop. */
  default void onRegionChange(Region region) {}

  /** This store's peer of the region is gone. Store loop. */
  default void onRegionRemoved(Region region) {}

  /**
   * Data entries were applied, in order; called after they are readable and before their writers
   * hear of it. Apply worker.
   */
  default void onApplied(List<AppliedBatch> batches) {}
}
