package io.rutile.store.apply;

import io.rutile.engine.api.Cf;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftcmdpb.AdminCmdType;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.BatchSplitRequest;
import io.rutile.proto.raftcmdpb.CommitMergeRequest;
import io.rutile.proto.raftcmdpb.CompactLogRequest;
import io.rutile.proto.raftcmdpb.PrepareMergeRequest;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.proto.raftcmdpb.RollbackMergeRequest;
import io.rutile.proto.raftserverpb.MergeState;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.InitialStates;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Admin commands of one region. Owned by: the region's apply worker. A refused command leaves the
 * state as it was and says why; the same on every peer.
 */
final class AdminExecutor {
  private final AppliedRegion region;
  private final ApplyContext context;

  AdminExecutor(AppliedRegion region, ApplyContext context) {
    this.region = region;
    this.context = context;
  }

  AdminOutcome execute(Entry entry, RaftRequestHeader header, AdminRequest admin) {
    RegionErrorException refusal = refusal(header, admin.getCmdType());
    if (refusal != null) {
      return refused(entry, refusal);
    }
    try {
      return switch (admin.getCmdType()) {
        case CompactLog -> compactLog(entry, admin.getCompactLog());
        case BatchSplit -> split(entry, admin.getSplits());
        case Split -> split(entry, single(admin));
        case PrepareFlashback -> flashback(entry, true, admin.getPrepareFlashback().getStartTs());
        case FinishFlashback -> flashback(entry, false, 0);
        case TransferLeader, UpdateGcPeer -> refused(entry, null);
        case PrepareMerge -> prepareMerge(entry, admin.getPrepareMerge());
        case RollbackMerge -> rollbackMerge(entry, admin.getRollbackMerge());
        case ChangePeer,
            ChangePeerV2,
            BatchSwitchWitness,
            CommitMerge,
            ComputeHash,
            VerifyHash,
            InvalidAdmin,
            UNRECOGNIZED ->
            refused(entry, RegionErrors.staleCommand());
      };
    } catch (RegionErrorException e) {
      return refused(entry, e);
    }
  }

  /**
   * Why an admin command has no effect. A region that is being merged only takes that back; one in
   * flashback is neither split nor moved.
   */
  @Nullable RegionErrorException refusal(RaftRequestHeader header, AdminCmdType type) {
    Region current = region.image().region();
    if (current.getIsInFlashback() && Epochs.isHeldByFlashback(type)) {
      return RegionErrors.flashbackInProgress(current.getId(), current.getFlashbackStartTs());
    }
    RegionErrorException refusal = region.refusal(header, Epochs.ruleOf(type));
    if (refusal == null
        && region.localState().getState() == PeerState.Merging
        && type != AdminCmdType.RollbackMerge) {
      refusal = RegionErrors.proposalInMergingMode(region.image().id());
    }
    return refusal;
  }

  AdminOutcome changePeers(
      Entry entry, RaftRequestHeader header, AdminRequest admin, ConfChangeV2 change) {
    RegionErrorException error = refusal(header, admin.getCmdType());
    if (error == null) {
      try {
        Region changed = PeerChanges.apply(region.image().region(), PeerChanges.of(admin));
        region.changeRegion(region.image().with(changed), region.localState().getState());
      } catch (RegionErrorException e) {
        error = e;
      }
    }
    return new AdminOutcome.PeersChanged(
        entry.getIndex(), entry.getTerm(), change, PeerChanges.of(admin), region.image(), error);
  }

  private AdminOutcome compactLog(Entry entry, CompactLogRequest request) {
    long index = request.getCompactIndex();
    if (index <= region.truncated().getIndex() || index >= entry.getIndex()) {
      return refused(entry, null);
    }
    region.truncate(
        RaftTruncatedState.newBuilder().setIndex(index).setTerm(request.getCompactTerm()).build());
    return new AdminOutcome.LogCompacted(
        entry.getIndex(), entry.getTerm(), index, request.getCompactTerm());
  }

  /** Ends the region's own life; refused when entries that peers may lack are compacted already. */
  private AdminOutcome prepareMerge(Entry entry, PrepareMergeRequest request) {
    if (request.getMinIndex() <= region.truncated().getIndex()) {
      return refused(entry, RegionErrors.staleCommand());
    }
    RegionImage before = region.image();
    RegionImage image = before.with(MergePlan.prepared(before.region()));
    MergeState state =
        MergeState.newBuilder()
            .setMinIndex(request.getMinIndex())
            .setTarget(request.getTarget())
            .setCommit(entry.getIndex())
            .build();
    region.changeState(
        region.localState().toBuilder()
            .setState(PeerState.Merging)
            .setRegion(image.region())
            .setMergeState(state)
            .build(),
        image);
    return new AdminOutcome.MergePrepared(entry.getIndex(), entry.getTerm(), image, state);
  }

  private AdminOutcome rollbackMerge(Entry entry, RollbackMergeRequest request) {
    RegionLocalState state = region.localState();
    if (state.getState() != PeerState.Merging
        || state.getMergeState().getCommit() != request.getCommit()) {
      return refused(entry, RegionErrors.staleCommand());
    }
    RegionImage before = region.image();
    RegionImage image = before.with(MergePlan.rolledBack(before.region()));
    region.changeState(
        state.toBuilder()
            .setState(PeerState.Normal)
            .setRegion(image.region())
            .clearMergeState()
            .build(),
        image);
    return new AdminOutcome.MergeRolledBack(entry.getIndex(), entry.getTerm(), image);
  }

  /**
   * Takes in a neighbour whose peer here is complete and stands still: its range is this region's,
   * and it becomes a tombstone, in one write.
   */
  AdminOutcome commitMerge(Entry entry, CommitMergeRequest request, RegionLocalState source) {
    Region gone = source.getRegion();
    if (!gone.equals(request.getSource())
        || source.getMergeState().getCommit() != request.getCommit()) {
      throw new IllegalStateException(
          region.image() + " takes in " + request.getSource() + ", but the peer here is " + source);
    }
    RegionImage before = region.image();
    RegionImage image = before.with(MergePlan.merged(before.region(), gone));
    region.changeRegion(image, PeerState.Normal);
    RegionLocalState tombstone =
        source.toBuilder()
            .setState(PeerState.Tombstone)
            .setMergeState(source.getMergeState().toBuilder().setTarget(image.region()))
            .build();
    context.batch().put(Cf.RAFT, LocalKeys.regionState(gone.getId()), tombstone.toByteArray());
    context.batch().delete(Cf.RAFT, LocalKeys.applyState(gone.getId()));
    return new AdminOutcome.Merged(entry.getIndex(), entry.getTerm(), image, gone);
  }

  private AdminOutcome split(Entry entry, BatchSplitRequest request) {
    RegionImage before = region.image();
    SplitPlan plan = SplitPlan.of(before, request);
    region.changeRegion(before.with(plan.derived()), region.localState().getState());
    List<Region> created = new ArrayList<>();
    for (int i = 0; i < plan.regions().size(); i++) {
      if (i != plan.derivedIndex() && create(plan.regions().get(i), before)) {
        created.add(plan.regions().get(i));
      }
    }
    return new AdminOutcome.Split(
        entry.getIndex(), entry.getTerm(), plan, region.image(), List.copyOf(created));
  }

  /** Founds the peer of a new part, unless a newer peer of that region is or was here. */
  private boolean create(Region part, RegionImage parent) {
    Peer peer = peerOnStore(part, parent.self().getStoreId());
    if (peer == null
        || context.engine().get(Cf.RAFT, LocalKeys.regionState(part.getId())) != null
        || !context.directory().claimForSplit(part.getId(), peer.getId())) {
      return false;
    }
    context
        .batch()
        .put(
            Cf.RAFT,
            LocalKeys.regionState(part.getId()),
            InitialStates.regionState(part).toByteArray());
    context
        .batch()
        .put(Cf.RAFT, LocalKeys.applyState(part.getId()), InitialStates.applyState().toByteArray());
    return true;
  }

  private AdminOutcome flashback(Entry entry, boolean begin, long startTs) {
    Region changed =
        region.image().region().toBuilder()
            .setIsInFlashback(begin)
            .setFlashbackStartTs(startTs)
            .build();
    region.changeRegion(region.image().with(changed), PeerState.Normal);
    return new AdminOutcome.FlashbackChanged(entry.getIndex(), entry.getTerm(), region.image());
  }

  private static BatchSplitRequest single(AdminRequest admin) {
    @SuppressWarnings("deprecation") // the command of one split, which old logs may hold
    var split = admin.getSplit();
    @SuppressWarnings("deprecation")
    boolean right = split.getRightDerive();
    return BatchSplitRequest.newBuilder().addRequests(split).setRightDerive(right).build();
  }

  private static @Nullable Peer peerOnStore(Region region, long storeId) {
    for (Peer peer : region.getPeersList()) {
      if (peer.getStoreId() == storeId) {
        return peer;
      }
    }
    return null;
  }

  private static AdminOutcome refused(Entry entry, @Nullable RegionErrorException error) {
    return new AdminOutcome.Refused(entry.getIndex(), entry.getTerm(), error);
  }
}
