package io.rutile.pd.core;

import io.rutile.proto.metapb.Peer;
import org.jspecify.annotations.Nullable;

/**
 * What one store holds: the ids of its regions by the role of its peer, and sums. Immutable.
 *
 * @param leaders regions led from here
 * @param followers regions with a voter here that does not lead
 * @param learners regions with a learner here
 * @param pending regions whose peer here lags behind, by the leader's word
 * @param leaderSizeMib approximate size of the regions led from here
 * @param regionSizeMib approximate size of all regions here
 * @param witnesses peers here without data
 */
public record StoreRegions(
    LongTree<Boolean> leaders,
    LongTree<Boolean> followers,
    LongTree<Boolean> learners,
    LongTree<Boolean> pending,
    long leaderSizeMib,
    long regionSizeMib,
    int witnesses) {
  public static final StoreRegions NONE =
      new StoreRegions(
          LongTree.empty(), LongTree.empty(), LongTree.empty(), LongTree.empty(), 0, 0, 0);

  public int leaderCount() {
    return leaders.size();
  }

  public int regionCount() {
    return leaders.size() + followers.size() + learners.size();
  }

  /** How a region counts on a store; at most one of the first three is true. */
  record Share(
      boolean leader, boolean follower, boolean learner, boolean pending, boolean witness) {
    static @Nullable Share of(RegionInfo region, long storeId) {
      Peer peer = region.peerOnStore(storeId);
      if (peer == null) {
        return null;
      }
      boolean leads = region.leaderStoreId() == storeId;
      boolean learner = !leads && RegionInfo.isLearner(peer);
      return new Share(
          leads, !leads && !learner, learner, region.isPending(peer.getId()), peer.getIsWitness());
    }
  }

  /** With a region's share on this store changed from {@code old} to {@code now}. */
  StoreRegions change(
      long regionId, @Nullable Share old, long oldSize, @Nullable Share now, long newSize) {
    long leaderSize = leaderSizeMib;
    long size = regionSizeMib;
    int witnessCount = witnesses;
    if (old != null) {
      leaderSize -= old.leader ? oldSize : 0;
      size -= oldSize;
      witnessCount -= old.witness ? 1 : 0;
    }
    if (now != null) {
      leaderSize += now.leader ? newSize : 0;
      size += newSize;
      witnessCount += now.witness ? 1 : 0;
    }
    return new StoreRegions(
        move(leaders, regionId, old != null && old.leader, now != null && now.leader),
        move(followers, regionId, old != null && old.follower, now != null && now.follower),
        move(learners, regionId, old != null && old.learner, now != null && now.learner),
        move(pending, regionId, old != null && old.pending, now != null && now.pending),
        leaderSize,
        size,
        witnessCount);
  }

  private static LongTree<Boolean> move(LongTree<Boolean> set, long id, boolean was, boolean is) {
    if (was == is) {
      return set;
    }
    return is ? set.put(id, Boolean.TRUE) : set.remove(id);
  }
}
