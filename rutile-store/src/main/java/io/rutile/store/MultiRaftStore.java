package io.rutile.store;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.apply.EntryEncoder;
import io.rutile.store.apply.WriteFlags;
import io.rutile.store.loop.Mailbox;
import io.rutile.store.loop.PeerCommand;
import io.rutile.store.loop.StoreAgents;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.peer.ReadRequest;
import io.rutile.store.peer.RequestChecks;
import io.rutile.store.peer.StoreContext;
import io.rutile.store.peer.WriteRequest;
import io.rutile.store.read.ClampedSnapshot;
import io.rutile.store.read.HotRegion;
import io.rutile.store.read.ReadProgress;
import io.rutile.store.read.ReadView;
import io.rutile.store.read.SharedSnapshots;
import io.rutile.store.rowcache.RowCachingEngine;
import io.rutile.store.snapshot.SnapshotSink;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The store as callers see it: turns calls into commands for the loop that owns the region, and
 * serves leased reads on the spot. Safe for use by any thread.
 */
final class MultiRaftStore implements Store {
  private final StoreContext store;
  private final StoreAgents agents;
  private final long clusterId;
  private final ReadProgress readProgress;

  MultiRaftStore(StoreContext store, StoreAgents agents, long clusterId) {
    this.store = store;
    this.agents = agents;
    this.clusterId = clusterId;
    this.readProgress = new ReadProgress(store.directory());
  }

  @Override
  public long storeId() {
    return store.storeId();
  }

  @Override
  public long clusterId() {
    return clusterId;
  }

  @Override
  public CompletionStage<RegionSnapshot> snapshot(RegionContext context, ReadGuard guard) {
    RegionErrorException wrongStore = RequestChecks.store(context.proto(), store.storeId());
    if (wrongStore != null) {
      return CompletableFuture.failedFuture(wrongStore);
    }
    RegionHandle handle = store.directory().handle(context.regionId());
    if (handle == null) {
      return CompletableFuture.failedFuture(RegionErrors.regionNotFound(context.regionId()));
    }
    RegionSnapshot local = leasedSnapshot(handle, context, guard);
    if (local != null) {
      store.metrics().localRead();
      return CompletableFuture.completedFuture(local);
    }
    CompletableFuture<RegionSnapshot> done = new CompletableFuture<>();
    Mailbox<StoreCommand> loop = agents.loop(handle);
    if (refuseNow(loop, done)) {
      return done;
    }
    loop.offer(new PeerCommand.Read(context.regionId(), new ReadRequest(context, guard, done)));
    return done;
  }

  @Override
  public @Nullable HotRows hotRows(RegionContext context) {
    if (!(store.engine() instanceof RowCachingEngine caching)
        || RequestChecks.store(context.proto(), store.storeId()) != null) {
      return null;
    }
    RegionHandle handle = store.directory().handle(context.regionId());
    ReadView view = handle == null ? null : handle.view();
    if (handle == null
        || view == null
        || view.flashbackStartTs() != 0
        || !matches(view, context)
        || !view.leasedAt(now())) {
      return null;
    }
    return new HotRegion(
        caching.rows(),
        handle,
        view,
        () -> {
          boolean leased = handle.view() == view && view.leasedAt(now());
          if (leased) {
            store.metrics().localRead();
          }
          return leased;
        });
  }

  /**
   * The lease is tested after the snapshot was taken: were it tested before, the thread might sleep
   * in between and return what another leader has meanwhile overwritten. So is the view: the data
   * may have been replaced, or taken back by a flashback.
   */
  private @Nullable RegionSnapshot leasedSnapshot(
      RegionHandle handle, RegionContext context, ReadGuard guard) {
    ReadView view = handle.view();
    if (view == null || !matches(view, context)) {
      return null;
    }
    boolean stale =
        guard instanceof ReadGuard.Stale wanted
            && Long.compareUnsigned(wanted.readTs(), view.safeTs().get()) <= 0;
    if (!stale && (guard instanceof ReadGuard.Stale || !view.leasedAt(now()))) {
      return null;
    }
    long version = handle.appliedIndex();
    SharedSnapshots.Shared shared = store.snapshots().acquire();
    if (handle.view() != view || (!stale && !view.leasedAt(now()))) {
      shared.release();
      return null;
    }
    return new ClampedSnapshot(shared, handle, view, version);
  }

  private long now() {
    return store.clock().monotonicNanos();
  }

  private static boolean matches(ReadView view, RegionContext context) {
    Context proto = context.proto();
    return proto.getPeer().getId() == view.image().self().getId()
        && proto.hasRegionEpoch()
        && proto.getRegionEpoch().getVersion() == view.image().version()
        && (context.term() == 0 || view.term() <= context.term() + 1);
  }

  @Override
  public CompletionStage<Applied> propose(RegionContext context, WriteBatchData data) {
    RegionErrorException wrongStore = RequestChecks.store(context.proto(), store.storeId());
    if (wrongStore != null) {
      return CompletableFuture.failedFuture(wrongStore);
    }
    RegionHandle handle = store.directory().handle(context.regionId());
    if (handle == null) {
      return CompletableFuture.failedFuture(RegionErrors.regionNotFound(context.regionId()));
    }
    ReadView view = handle.view();
    RegionErrorException outside = view == null ? null : outside(view, context, data.modifies());
    if (outside != null) {
      return CompletableFuture.failedFuture(outside);
    }
    CompletableFuture<Applied> done = new CompletableFuture<>();
    Mailbox<StoreCommand> loop = agents.loop(handle);
    if (refuseNow(loop, done)) {
      return done;
    }
    byte[] requests = EntryEncoder.requests(data.modifies());
    if (requests.length > store.config().log().entryMaxBytes()) {
      return CompletableFuture.failedFuture(
          RegionErrors.raftEntryTooLarge(context.regionId(), requests.length));
    }
    loop.offer(
        new PeerCommand.Write(
            context.regionId(),
            new WriteRequest(
                context.proto(),
                context.term(),
                context.deadlineNanos(),
                data.diskFull(),
                WriteFlags.of(data.flags()),
                requests,
                done)));
    return done;
  }

  /** A key outside the region, where the request knows the region as it is. */
  private static @Nullable RegionErrorException outside(
      ReadView view, RegionContext context, List<Modify> modifies) {
    RegionImage image = view.image();
    if (context.proto().getRegionEpoch().getVersion() != image.version()) {
      return null;
    }
    for (Modify modify : modifies) {
      byte[] key =
          switch (modify) {
            case Modify.Put put -> put.key();
            case Modify.Delete delete -> delete.key();
            case Modify.DeleteRange range ->
                image.containsEnd(range.end()) ? range.start() : range.end();
          };
      if (!image.contains(key)) {
        return RegionErrors.keyNotInRegion(key, image.id(), image.start(), image.end());
      }
    }
    return null;
  }

  private boolean refuseNow(Mailbox<StoreCommand> loop, CompletableFuture<?> done) {
    if (agents.failure().isPresent() || agents.closed()) {
      done.completeExceptionally(RegionErrors.closing());
      return true;
    }
    if (loop.size() >= store.config().pools().notifyCapacity()) {
      done.completeExceptionally(RegionErrors.serverIsBusy("raftstore is busy"));
      return true;
    }
    return false;
  }

  @Override
  public CompletionStage<Void> setFlashback(RegionContext context, long startTs) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    RegionErrorException wrongStore = RequestChecks.store(context.proto(), store.storeId());
    RegionHandle handle = store.directory().handle(context.regionId());
    if (wrongStore != null) {
      done.completeExceptionally(wrongStore);
    } else if (handle == null) {
      done.completeExceptionally(RegionErrors.regionNotFound(context.regionId()));
    } else if (!refuseNow(agents.loop(handle), done)) {
      agents
          .loop(handle)
          .offer(new PeerCommand.Flashback(context.regionId(), context, startTs, done));
    }
    return done;
  }

  @Override
  public void onRaftMessage(RaftMessage message) {
    if (message.getToPeer().getStoreId() == store.storeId()) {
      agents.loopOf(message.getRegionId()).offer(new StoreCommand.Message(message));
    }
  }

  @Override
  public SnapshotSink receiveSnapshot(RaftMessage head) {
    return store.snapshotRegistry().receive(head, this::onRaftMessage);
  }

  @Override
  public void onStoreUnreachable(long storeId) {
    agents.loops().forEach(loop -> loop.offer(new StoreCommand.Unreachable(storeId)));
  }

  @Override
  public CompletionStage<List<Region>> splitRegion(
      long regionId, RegionEpoch epoch, List<byte[]> splitKeys) {
    CompletableFuture<List<Region>> done = new CompletableFuture<>();
    RegionHandle handle = store.directory().handle(regionId);
    if (handle == null) {
      done.completeExceptionally(RegionErrors.regionNotFound(regionId));
    } else if (!refuseNow(agents.loop(handle), done)) {
      List<byte[]> keys = splitKeys.stream().sorted(Bytes.ORDER).distinct().toList();
      agents.loop(handle).offer(new PeerCommand.Split(regionId, epoch, keys, done));
    }
    return done;
  }

  @Override
  public Optional<RegionStatus> region(long regionId) {
    RegionHandle handle = store.directory().handle(regionId);
    return handle == null ? Optional.empty() : status(handle);
  }

  @Override
  public List<RegionStatus> regions() {
    return store.directory().images().stream()
        .map(image -> region(image.id()))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<RegionStatus> status(RegionHandle handle) {
    ReadView view = handle.view();
    if (view == null) {
      return Optional.empty();
    }
    return Optional.of(
        new RegionStatus(
            view.image().region(),
            view.image().self(),
            view.image().peer(view.leaderId()),
            view.term(),
            handle.appliedIndex(),
            handle.hibernating()));
  }

  @Override
  public ReadProgress readProgress() {
    return readProgress;
  }

  @Override
  public Optional<String> failure() {
    return agents.failure();
  }

  @Override
  public void close() {
    agents.close();
  }
}
