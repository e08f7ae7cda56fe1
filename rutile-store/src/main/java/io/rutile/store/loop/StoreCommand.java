package io.rutile.store.loop;

import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.peer.LogAppend;
import java.util.List;

/** What a store loop is told. Each variant says whether it may be lost on the way. */
public sealed interface StoreCommand
    permits PeerCommand,
        StoreCommand.Message,
        StoreCommand.Persisted,
        StoreCommand.Applied,
        StoreCommand.Found,
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

  /** A removed peer's data and log are gone, so that the region may come back. Never lost. */
  record Removed(long regionId) implements StoreCommand {}

  /** A store could not be reached. May be lost. */
  record Unreachable(long storeId) implements StoreCommand {}
}
