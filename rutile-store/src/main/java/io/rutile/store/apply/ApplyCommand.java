package io.rutile.store.apply;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import java.util.List;

/** What store loops ask of an apply worker. Handled in order; never lost. */
public sealed interface ApplyCommand {
  long regionId();

  /** Takes on a region whose applied state is as given. */
  record Register(
      RegionHandle handle,
      RegionImage image,
      RegionLocalState state,
      long appliedIndex,
      long appliedTerm,
      RaftTruncatedState truncated)
      implements ApplyCommand {
    @Override
    public long regionId() {
      return image.id();
    }
  }

  /** Applies committed entries that follow the last ones. */
  record Commit(long regionId, List<Entry> entries, List<PendingWrite> writes)
      implements ApplyCommand {}

  /**
   * Forgets the region after everything before was applied; then {@code done} runs on the worker.
   */
  record Remove(long regionId, long peerId, Runnable done) implements ApplyCommand {}

  /**
   * Runs {@code task}, which replaces the region's data, after everything before was applied and
   * written. The region is forgotten and has to be registered anew.
   */
  record Replace(long regionId, Runnable task) implements ApplyCommand {}

  /** The region that {@code regionId} waits for to take it in is complete and stands still. */
  record SourceReady(long regionId, RegionLocalState source) implements ApplyCommand {}
}
