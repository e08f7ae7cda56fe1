package io.rutile.store.apply;

import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftcmdpb.ChangePeerRequest;
import io.rutile.proto.raftserverpb.MergeState;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionErrorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an applied admin entry means to the peer that owns the region. Reported by the apply worker
 * to the store loop in log order; never lost.
 */
public sealed interface AdminOutcome {
  long index();

  long term();

  /** Why the command was refused, null when it took effect. */
  default @Nullable RegionErrorException error() {
    return null;
  }

  /** A command without effect: it was refused, or there was nothing to do. */
  record Refused(long index, long term, @Nullable RegionErrorException error)
      implements AdminOutcome {}

  /**
   * A configuration change entry: the Raft core must be told in every case, with an empty change
   * when it was refused.
   */
  record PeersChanged(
      long index,
      long term,
      ConfChangeV2 change,
      List<ChangePeerRequest> changes,
      RegionImage image,
      @Nullable RegionErrorException error)
      implements AdminOutcome {}

  /**
   * @param created the parts other than the derived one that have a peer here and came to be by
   *     this split
   */
  record Split(long index, long term, SplitPlan plan, RegionImage image, List<Region> created)
      implements AdminOutcome {}

  /** The log may be cut up to and including {@code truncatedIndex}. */
  record LogCompacted(long index, long term, long truncatedIndex, long truncatedTerm)
      implements AdminOutcome {}

  /** The region takes no more proposals until a neighbour has taken it in. */
  record MergePrepared(long index, long term, RegionImage image, MergeState state)
      implements AdminOutcome {}

  /** The region goes on by itself. */
  record MergeRolledBack(long index, long term, RegionImage image) implements AdminOutcome {}

  /** The region has taken in {@code source}, of which this store keeps no peer. */
  record Merged(long index, long term, RegionImage image, Region source) implements AdminOutcome {}

  /** Flashback began or ended. */
  record FlashbackChanged(long index, long term, RegionImage image) implements AdminOutcome {}
}
