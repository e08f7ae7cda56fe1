package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.RegionTree;
import io.rutile.pd.schedule.Planning;
import org.jspecify.annotations.Nullable;

/** Draws regions. Stateless. */
final class RandomRegion {
  private RandomRegion() {}

  /** A region that is well, has a leader and nothing under way; null when the one drawn is not. */
  static @Nullable RegionInfo pick(Planning planning) {
    RegionTree tree = planning.image().regions().tree();
    if (tree.size() == 0) {
      return null;
    }
    RegionInfo region = tree.at(planning.random().nextInt(tree.size()));
    boolean usable =
        region.leader() != null
            && region.isHealthy()
            && !region.inJointState()
            && planning.operators().operator(region.id()) == null;
    return usable ? region : null;
  }
}
