package io.rutile.store.apply;

import io.rutile.base.error.ErrorCategory;
import io.rutile.proto.metapb.Region;
import io.rutile.txn.gate.RegionErrors;

/** What a merge makes of two regions, as a pure function: the same on every peer. */
public final class MergePlan {
  private MergePlan() {}

  /** Whether one begins where the other ends. */
  public static boolean areNeighbours(Region a, Region b) {
    return isBefore(a, b) || isBefore(b, a);
  }

  private static boolean isBefore(Region a, Region b) {
    return !a.getEndKey().isEmpty() && a.getEndKey().equals(b.getStartKey());
  }

  /** The region while it waits to be taken in: nothing asked of it before is valid any more. */
  public static Region prepared(Region source) {
    return source.toBuilder()
        .setRegionEpoch(
            source.getRegionEpoch().toBuilder()
                .setVersion(source.getRegionEpoch().getVersion() + 1)
                .setConfVer(source.getRegionEpoch().getConfVer() + 1))
        .build();
  }

  /** The region after its merge was given up. */
  public static Region rolledBack(Region source) {
    return source.toBuilder()
        .setRegionEpoch(
            source.getRegionEpoch().toBuilder()
                .setVersion(source.getRegionEpoch().getVersion() + 1))
        .build();
  }

  /**
   * The target with the source's range.
   *
   * @throws io.rutile.txn.gate.RegionErrorException when they are not neighbours
   */
  public static Region merged(Region target, Region source) {
    Region.Builder merged = target.toBuilder();
    if (isBefore(source, target)) {
      merged.setStartKey(source.getStartKey());
    } else if (isBefore(target, source)) {
      merged.setEndKey(source.getEndKey());
    } else {
      throw RegionErrors.message(
          "KV:Raftstore:Unknown",
          ErrorCategory.CALLER,
          "regions " + source.getId() + " and " + target.getId() + " are not neighbours");
    }
    long version =
        Math.max(target.getRegionEpoch().getVersion(), source.getRegionEpoch().getVersion()) + 1;
    return merged.setRegionEpoch(target.getRegionEpoch().toBuilder().setVersion(version)).build();
  }
}
