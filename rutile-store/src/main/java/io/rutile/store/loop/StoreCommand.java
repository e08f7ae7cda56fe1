package io.rutile.store.loop;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.peer.LogAppend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a store loop is told. Each variant says whether it may be lost on the way. */
public sealed interface StoreCommand
    permits PeerCommand,
        StoreCommand.Message,
        StoreCommand.Persisted,
        StoreCommand.Applied,
        StoreCommand.Found,
        StoreCommand.Awaken,
        StoreCommand.ReportAgain,
        StoreCommand.CatchUp,
        StoreCommand.GaveWay,
        StoreCommand.Revive,
        StoreCommand.Removed,
        StoreCommand.Unreachable {

  /** May be lost: Raft sends again. */
  record Message(RaftMessage message) implements StoreCommand {}

  /** From the log writer, in order. Never lost. */
  record Persisted(List<LogAppend> appends) implements StoreCommand {}

  /** From an apply worker, in order for each region. Never lost. */
  record Applied(List<ApplyResult> results) implements StoreCommand {}

  /**
   * Founds the peer of a region that a split made. Never lost.
   *
   * @param campaign whether the parent led, so that this peer should lead too
   */
  record Found(Region region, boolean campaign) implements StoreCommand {}

  /** The placement driver wants sleeping regions awake. May be lost: it says so again. */
  record Awaken() implements StoreCommand {}

  /** The placement driver is another one, or was restarted: it needs the regions' reports. */
  record ReportAgain() implements StoreCommand {}

  /**
   * A region applies a merge and needs the one it takes in, complete up to {@code commit}, its last
   * index. Waits for the peer when a split that this store has yet to apply will found it. Never
   * lost.
   *
   * @param entries the end of its log, which its peer may lack
   */
  record CatchUp(long regionId, long targetId, long commit, List<Entry> entries)
      implements StoreCommand {}

  /**
   * A region under a snapshot of {@code regionId} has given way, or stays. Never lost.
   *
   * @param state of the region that is gone from memory, null when it stays
   */
  record GaveWay(long regionId, long sourceId, @Nullable RegionLocalState state)
      implements StoreCommand {}

  /** A region gave way to a snapshot that was not installed: it lives on. Never lost. */
  record Revive(long regionId) implements StoreCommand {}

  /** A removed peer's data and log are gone, so that the region may come back. Never lost. */
  record Removed(long regionId) implements StoreCommand {}

  /** A store could not be reached. May be lost. */
  record Unreachable(long storeId) implements StoreCommand {}
}
