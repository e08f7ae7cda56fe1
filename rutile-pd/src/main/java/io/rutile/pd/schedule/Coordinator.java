package io.rutile.pd.schedule;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.pdpb.StoreStats;

/** The scheduling side of the cluster loop. Called on the loop's thread only; never blocks. */
public interface Coordinator {
  /** A report was accepted and {@code image} contains it. */
  void onRegion(ClusterImage image, RegionInfo region);

  /** A store's report was accepted and {@code image} contains it. */
  void onStore(ClusterImage image, StoreStats stats);

  /** Called every few milliseconds. */
  void onTick(ClusterImage image);
}
