package io.rutile.store.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftcmdpb.AdminCmdType;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.CommitMergeRequest;
import io.rutile.proto.raftcmdpb.PrepareMergeRequest;
import io.rutile.proto.raftcmdpb.RollbackMergeRequest;
import io.rutile.proto.raftserverpb.ExtraMessage;
import io.rutile.proto.raftserverpb.ExtraMessageType;
import io.rutile.proto.raftserverpb.MergeState;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.loop.PeerCommand;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.read.ReadView;
import io.rutile.txn.gate.RegionErrorException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a region that is merged into its neighbour, seen from one peer of it. Owned by: store
 * loop.
 *
 * <p>How a merge goes. The leader of the <em>source</em> proposes PrepareMerge; with it the source
 * takes no more proposals and serves no more reads. Each peer of the source then shows the end of
 * its log to the peer of the <em>target</em> on its store, until the one that leads the target has
 * proposed CommitMerge with it. Where CommitMerge is applied, the apply worker asks the source's
 * peer on that store to complete its log from the command, if it must, and to stand still; then one
 * write gives the target the range and makes a tombstone of the source. All this survives a crash
 * at any point: both logs hold the commands, and the source's log goes only after that write is
 * synced.
 *
 * <p>CommitMerge takes effect only at the target's epoch that PrepareMerge names. A peer of the
 * source that sees the target at a newer epoch knows that the merge cannot succeed any more; when a
 * majority knows, the leader proposes RollbackMerge and the source lives on.
 *
 * <p>A peer that missed its region's end learns from a store that applied it what became of the
 * region ({@code merge_target}). It keeps its data until the target's peer here has taken it, by
 * CommitMerge or with a snapshot, or was removed.
 */
final class PeerMerge {
  private static final Logger LOG = LoggerFactory.getLogger(PeerMerge.class);

  /** What the peer of another region on this store shows about an expected epoch of it. */
  private enum Standing {
    /** It is at that epoch. */
    HERE,
    /** It has not come so far, or is not there yet. */
    BEHIND,
    /** It has left that epoch behind. */
    CHANGED
  }

  private final io.rutile.store.peer.Peer peer;
  private final long checkTicks;
  private final Set<Long> rollbackWanted = new HashSet<>();
  private long ticks;
  private @Nullable MergeState state;
  private StoreCommand.@Nullable CatchUp catchUp;
  private @Nullable Region mergedInto;

  PeerMerge(io.rutile.store.peer.Peer peer, RegionLocalState start) {
    this.peer = peer;
    this.checkTicks =
        PeerOrders.ticksOf(peer.store().config(), peer.store().config().peers().mergeCheck());
    this.state = start.getState() == PeerState.Merging ? start.getMergeState() : null;
  }

  /** The placement driver wants the region merged into {@code target}. */
  void onOrder(Region target) {
    String refusal = MergeChecks.refusal(peer, target);
    if (refusal != null) {
      LOG.info("{}: is not merged into region {}: {}", peer.image(), target.getId(), refusal);
      return;
    }
    AdminRequest command =
        AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.PrepareMerge)
            .setPrepareMerge(
                PrepareMergeRequest.newBuilder()
                    .setMinIndex(MergeChecks.matchedByAll(peer.node().status()) + 1)
                    .setTarget(target))
            .build();
    RegionErrorException error = peer.orders().propose(command, null);
    if (error != null) {
      LOG.info("{}: the merge is not proposed: {}", peer.image(), error.getMessage());
    }
  }

  /** PrepareMerge is applied here. */
  void onPrepared(MergeState prepared) {
    state = prepared;
    rollbackWanted.clear();
    if (peer.node().isLeader()) {
      peer.node().ping(); // the others learn of the commit at once
    }
    check();
  }

  void onRolledBack() {
    state = null;
    rollbackWanted.clear();
  }

  void tick() {
    ticks++;
    advance();
    if (ticks % checkTicks == 0) {
      check();
    }
  }

  void onApplied() {
    advance();
  }

  private void check() {
    MergeState merging = state;
    Region into = mergedInto;
    if (peer.isFrozen()) {
      return;
    }
    if (into != null) {
      leaveIfTargetLeft(into);
    } else if (merging != null) {
      switch (standing(merging.getTarget())) {
        case HERE -> offer(merging);
        case CHANGED -> wantRollback(merging);
        case BEHIND -> {}
      }
    }
  }

  private Standing standing(Region expected) {
    RegionEpoch current = null;
    ReadView view = viewOf(expected.getId());
    if (view != null) {
      current = view.image().region().getRegionEpoch();
    } else {
      RegionLocalState buried = buried(expected.getId());
      if (buried != null) {
        RegionEpoch last = buried.getRegion().getRegionEpoch();
        return Epochs.isStale(expected.getRegionEpoch(), last) ? Standing.CHANGED : Standing.BEHIND;
      }
    }
    if (current == null || Epochs.isStale(current, expected.getRegionEpoch())) {
      return Standing.BEHIND;
    }
    return current.equals(expected.getRegionEpoch()) ? Standing.HERE : Standing.CHANGED;
  }

  private @Nullable ReadView viewOf(long regionId) {
    RegionHandle handle = peer.store().directory().handle(regionId);
    return handle == null ? null : handle.view();
  }

  private @Nullable RegionLocalState buried(long regionId) {
    byte[] stored = peer.store().engine().get(Cf.RAFT, LocalKeys.regionState(regionId));
    if (stored == null) {
      return null;
    }
    try {
      RegionLocalState found = RegionLocalState.parseFrom(stored);
      return found.getState() == PeerState.Tombstone ? found : null;
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "KV:Raftstore:Corruption", "state of region " + regionId + " cannot be decoded", e);
    }
  }

  /** Shows the end of the log to the target, if its leader is on this store. */
  private void offer(MergeState merging) {
    ReadView target = viewOf(merging.getTarget().getId());
    if (target == null || !target.leader()) {
      return;
    }
    long low = Math.max(merging.getMinIndex(), peer.storage().firstIndex());
    List<Entry> entries =
        low > merging.getCommit()
            ? List.of()
            : peer.storage().entries(low, merging.getCommit() + 1, Long.MAX_VALUE);
    AdminRequest command =
        AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.CommitMerge)
            .setCommitMerge(
                CommitMergeRequest.newBuilder()
                    .setSource(peer.image().region())
                    .setCommit(merging.getCommit())
                    .addAllEntries(entries))
            .build();
    long targetId = merging.getTarget().getId();
    peer.host()
        .post(
            targetId,
            new PeerCommand.CommitMerge(targetId, merging.getTarget().getRegionEpoch(), command));
  }

  /** This peer's region is the target: its leader proposes to take in what stands still. */
  void proposeCommit(PeerCommand.CommitMerge request) {
    if (peer.node().isLeader()
        && peer.appliedTerm() == peer.node().term()
        && request.epoch().equals(peer.image().region().getRegionEpoch())) {
      RegionErrorException error = peer.orders().propose(request.command(), null);
      if (error != null) {
        LOG.info("{}: the merge is not committed yet: {}", peer.image(), error.getMessage());
      }
    }
  }

  private void wantRollback(MergeState merging) {
    if (peer.node().isLeader()) {
      onWantRollback(peer.image().self(), merging.getCommit());
      return;
    }
    Peer leader = peer.image().peer(peer.node().leaderId());
    if (leader != null) {
      peer.links()
          .sendExtra(
              leader,
              ExtraMessage.newBuilder()
                  .setType(ExtraMessageType.MsgWantRollbackMerge)
                  .setIndex(merging.getCommit())
                  .build());
    }
  }

  /** A peer knows that the merge at {@code commit} cannot succeed any more. */
  void onWantRollback(Peer from, long commit) {
    MergeState merging = state;
    if (merging == null
        || merging.getCommit() != commit
        || !peer.node().isLeader()
        || mergedInto != null) {
      return;
    }
    rollbackWanted.add(from.getId());
    long voters = 0;
    long agreed = 0;
    for (Peer member : peer.image().region().getPeersList()) {
      if (io.rutile.store.meta.RegionImage.isVoter(member)) {
        voters++;
        agreed += rollbackWanted.contains(member.getId()) ? 1 : 0;
      }
    }
    if (agreed > voters / 2 && !peer.admin().epochChanging()) {
      LOG.info("{}: its merge cannot succeed any more and is rolled back", peer.image());
      peer.orders()
          .propose(
              AdminRequest.newBuilder()
                  .setCmdType(AdminCmdType.RollbackMerge)
                  .setRollbackMerge(RollbackMergeRequest.newBuilder().setCommit(commit))
                  .build(),
              null);
    }
  }

  /** The target applies the merge on this store. */
  void onCatchUp(StoreCommand.CatchUp request) {
    catchUp = request;
    if (peer.isFrozen()) {
      handOver(request);
    } else {
      advance();
    }
  }

  /** Completes the log if the target needs it, and stands still once all of it is applied. */
  private void advance() {
    StoreCommand.CatchUp request = catchUp;
    if (request == null || peer.isFrozen() || peer.isInstalling()) {
      return;
    }
    if (peer.node().commitIndex() < request.commit()) {
      boolean taken = peer.node().catchUp(request.entries(), request.commit());
      peer.host().markDirty(peer);
      if (!taken) {
        LOG.info("{}: its log does not reach up to the merge yet", peer.image());
      }
      return;
    }
    if (peer.appliedIndex() >= request.commit()
        && peer.appliedIndex() == peer.readies().applyingIndex()) {
      peer.freeze(true);
      handOver(request);
    }
  }

  private void handOver(StoreCommand.CatchUp request) {
    MergeState merging = state;
    if (merging == null
        || merging.getCommit() != request.commit()
        || merging.getTarget().getId() != request.targetId()) {
      throw new IllegalStateException(
          peer.image()
              + " was merged into region "
              + request.targetId()
              + " at entry "
              + request.commit()
              + ", but its own merge state is "
              + merging);
    }
    peer.host()
        .apply(
            new ApplyCommand.SourceReady(
                request.targetId(),
                RegionLocalState.newBuilder()
                    .setState(PeerState.Merging)
                    .setRegion(peer.image().region())
                    .setMergeState(merging)
                    .build()));
  }

  /** The target's peer on this store went before it could take this region in. */
  void onAbandoned() {
    catchUp = null;
    peer.freeze(false);
  }

  /** A store that applied the merge says so: this peer is late. */
  void onMergedElsewhere(Region target) {
    mergedInto = target;
    check();
  }

  /**
   * A snapshot of another region covers this one. It gives way when it is known that the region was
   * merged; else it asks the others, so that it may know when the snapshot comes again.
   */
  void onGiveWay(PeerCommand.GiveWay request) {
    if (mergedInto == null) {
      peer.extras().askForLife();
      request.answer().accept(null);
      return;
    }
    LOG.info("{}: gives way to region {}", peer.image(), request.over().getId());
    RegionLocalState last =
        RegionLocalState.newBuilder()
            .setState(PeerState.Merging)
            .setRegion(peer.image().region())
            .build();
    peer.host().giveWay(peer, () -> request.answer().accept(last));
  }

  /** When the target's peer here was removed after the merge, nobody will come for this one. */
  private void leaveIfTargetLeft(Region target) {
    RegionLocalState buried = viewOf(target.getId()) == null ? buried(target.getId()) : null;
    if (buried != null
        && !Epochs.isStale(buried.getRegion().getRegionEpoch(), target.getRegionEpoch())) {
      LOG.info("{}: was merged into region {}, which has left", peer.image(), target.getId());
      peer.host().destroy(peer);
    }
  }
}
