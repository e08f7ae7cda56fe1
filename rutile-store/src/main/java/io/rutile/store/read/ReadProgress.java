package io.rutile.store.read;

import io.rutile.proto.kvrpcpb.LeaderInfo;
import io.rutile.proto.kvrpcpb.ReadState;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import org.jspecify.annotations.Nullable;

/**
 * The safe timestamps of all peers of this store, and what other stores ask to get theirs ahead:
 * whether a peer here still follows a leader. Safe for use by any thread; nothing blocks, no peer
 * is woken.
 *
 * <p>Why a follower's word counts: a peer publishes its term before it sends a vote of that term.
 * So when a majority says after some moment that it follows the leader of term T, whoever is
 * elected next is elected after that moment, and begins with a newer timestamp of the oracle.
 */
public final class ReadProgress {
  private final RegionDirectory directory;

  public ReadProgress(RegionDirectory directory) {
    this.directory = directory;
  }

  /**
   * A peer of this store as it is now.
   *
   * @param appliedIndex everything up to it is readable
   */
  public record State(
      RegionImage image, boolean leader, long term, long appliedIndex, long safeTs) {}

  public @Nullable State state(long regionId) {
    RegionHandle handle = directory.handle(regionId);
    ReadView view = handle == null ? null : handle.view();
    return handle == null || view == null
        ? null
        : new State(
            view.image(), view.leader(), view.term(), handle.appliedIndex(), view.safeTs().get());
  }

  /**
   * Whether the peer here follows (or is) that leader. If so, takes over what the leader says about
   * the safe timestamp.
   */
  public boolean confirm(LeaderInfo leader) {
    RegionHandle handle = directory.handle(leader.getRegionId());
    ReadView view = handle == null ? null : handle.view();
    if (handle == null
        || view == null
        || view.term() != leader.getTerm()
        || view.leaderId() != leader.getPeerId()
        || !view.image().region().getRegionEpoch().equals(leader.getRegionEpoch())) {
      return false;
    }
    ReadState read = leader.getReadState();
    if (read.getSafeTs() != 0) {
      view.safeTs().announce(read.getAppliedIndex(), read.getSafeTs(), handle.appliedIndex());
    }
    return true;
  }

  /**
   * The least safe timestamp of the regions that share encoded keys with [start, end), empty ends
   * meaning no bound; those that have none yet are left out. 0 when there is no other.
   */
  public long safeTs(byte[] start, byte[] end) {
    long least = 0;
    for (RegionImage image : directory.overlapping(start, end)) {
      State state = state(image.id());
      if (state != null
          && state.safeTs() != 0
          && (least == 0 || Long.compareUnsigned(state.safeTs(), least) < 0)) {
        least = state.safeTs();
      }
    }
    return least;
  }
}
