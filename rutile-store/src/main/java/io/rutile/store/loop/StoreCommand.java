package io.rutile.store.loop;

import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.apply.ApplyResult;
import io.rutile.store.peer.LogAppend;
import io.rutile.store.peer.ReadRequest;
import io.rutile.store.peer.WriteRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a store loop is told. Each variant says whether it may be lost on the way. */
public sealed interface StoreCommand {
  /** Refused at the door when the loop is behind; never lost after. */
  record Write(long regionId, WriteRequest request) implements StoreCommand {}

  /** Refused at the door when the loop is behind; never lost after. */
  record Read(long regionId, ReadRequest request) implements StoreCommand {}

  /** May be lost: Raft sends again. */
  record Message(RaftMessage message) implements StoreCommand {}

  /** From the log writer, in order. Never lost. */
  record Persisted(List<LogAppend> appends) implements StoreCommand {}

  /** From an apply worker, in order for each region. Never lost. */
  record Applied(List<ApplyResult> results) implements StoreCommand {}

  /** An order of the placement driver. May be lost: it orders again. */
  record Order(RegionHeartbeatResponse order) implements StoreCommand {}

  /** max_ts is up to the oracle for a leadership that began in {@code term}. */
  record MaxTsSynced(long regionId, long term) implements StoreCommand {}

  /**
   * Founds the peer of a region that a split made. Never lost.
   *
   * @param campaign whether the parent led, so that this peer should lead too
   */
  record Found(Region region, boolean campaign) implements StoreCommand {}

  /** Somebody asks for a split at given keys. */
  record Split(
      long regionId, RegionEpoch epoch, List<byte[]> keys, CompletableFuture<List<Region>> done)
      implements StoreCommand {}

  /** Ids for a split have come. */
  record SplitIds(
      long regionId,
      RegionEpoch epoch,
      List<byte[]> keys,
      List<SplitID> ids,
      CompletableFuture<List<Region>> done)
      implements StoreCommand {}

  /**
   * Result of looking at a region's size. May be lost: it is looked at again.
   *
   * @param splitKeys where it should be split, empty when it is small enough
   */
  record SizeChecked(
      long regionId, RegionEpoch epoch, long bytes, long keys, List<byte[]> splitKeys)
      implements StoreCommand {}

  /** A snapshot was built; null when the region could not be copied. Never lost. */
  record SnapshotBuilt(long regionId, @Nullable Snapshot snapshot) implements StoreCommand {}

  /** A snapshot has reached its peer, or not. Never lost. */
  record SnapshotSent(long regionId, long toPeerId, boolean ok) implements StoreCommand {}

  /** A received snapshot is in the engine. Never lost. */
  record SnapshotInstalled(long regionId, long peerId) implements StoreCommand {}

  /** A removed peer's data and log are gone, so that the region may come back. Never lost. */
  record Removed(long regionId) implements StoreCommand {}

  /** A store could not be reached. May be lost. */
  record Unreachable(long storeId) implements StoreCommand {}
}
