package io.rutile.store.loop;

import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.peer.ReadRequest;
import io.rutile.store.peer.WriteRequest;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a store loop is told for one peer of its. Each variant says whether it may be lost on the
 * way. When there is no such peer, {@link #refuse} tells whoever waits for an answer.
 */
public sealed interface PeerCommand extends StoreCommand {
  long regionId();

  /** There is nobody to do it. Completes what somebody waits for; the others have nothing to do. */
  default void refuse(RegionErrorException reason) {}

  /** Refused at the door when the loop is behind; never lost after. */
  record Write(long regionId, WriteRequest request) implements PeerCommand {
    @Override
    public void refuse(RegionErrorException reason) {
      request.fail(reason);
    }
  }

  /** Refused at the door when the loop is behind; never lost after. */
  record Read(long regionId, ReadRequest request) implements PeerCommand {
    @Override
    public void refuse(RegionErrorException reason) {
      request.fail(reason);
    }
  }

  /** An order of the placement driver. May be lost: it orders again. */
  record Order(RegionHeartbeatResponse order) implements PeerCommand {
    @Override
    public long regionId() {
      return order.getRegionId();
    }
  }

  /** max_ts is up to the oracle as it was asked for in that {@code round}. Never lost. */
  record MaxTsSynced(long regionId, long round) implements PeerCommand {}

  /** Somebody asks for a split at given keys. */
  record Split(
      long regionId, RegionEpoch epoch, List<byte[]> keys, CompletableFuture<List<Region>> done)
      implements PeerCommand {
    @Override
    public void refuse(RegionErrorException reason) {
      done.completeExceptionally(reason);
    }
  }

  /**
   * Somebody begins a flashback of the region, or ends it.
   *
   * @param startTs 0 to end it
   */
  record Flashback(long regionId, RegionContext context, long startTs, CompletableFuture<Void> done)
      implements PeerCommand {
    @Override
    public void refuse(RegionErrorException reason) {
      done.completeExceptionally(reason);
    }
  }

  /** Ids for a split have come. */
  record SplitIds(
      long regionId,
      RegionEpoch epoch,
      List<byte[]> keys,
      List<SplitID> ids,
      CompletableFuture<List<Region>> done)
      implements PeerCommand {
    @Override
    public void refuse(RegionErrorException reason) {
      done.completeExceptionally(reason);
    }
  }

  /**
   * Result of looking at a region's size. May be lost: it is looked at again.
   *
   * @param splitKeys where it should be split, empty when it is small enough
   */
  record SizeChecked(
      long regionId, RegionEpoch epoch, long bytes, long keys, List<byte[]> splitKeys)
      implements PeerCommand {}

  /** A snapshot was built; null when the region could not be copied. Never lost. */
  record SnapshotBuilt(long regionId, @Nullable Snapshot snapshot) implements PeerCommand {}

  /** A snapshot has reached its peer, or not. Never lost. */
  record SnapshotSent(long regionId, long toPeerId, boolean ok) implements PeerCommand {}

  /** A received snapshot is in the engine. Never lost. */
  record SnapshotInstalled(long regionId, long peerId) implements PeerCommand {}

  /**
   * A neighbour on this store has stopped and wants to be taken in by this region, if its epoch is
   * still {@code epoch}. May be lost: the neighbour says it again.
   */
  record CommitMerge(long regionId, RegionEpoch epoch, AdminRequest command)
      implements PeerCommand {}

  /** The region that was to take this one in is not there any more. Never lost. */
  record Thaw(long regionId) implements PeerCommand {}

  /**
   * A snapshot of {@code over} covers this region. Never lost.
   *
   * @param answer hears the region's state once its peer is gone from memory and nothing of it is
   *     under way, or null when the region stays
   */
  record GiveWay(long regionId, Region over, Consumer<@Nullable RegionLocalState> answer)
      implements PeerCommand {
    @Override
    public void refuse(RegionErrorException reason) {
      answer.accept(null);
    }
  }

  /** The placement driver's answer to where the region is now. May be lost. */
  record Located(long regionId, Optional<Region> region) implements PeerCommand {}

  /** The region was taken in by another one, which has its data now. Never lost. */
  record Absorbed(long regionId) implements PeerCommand {}
}
