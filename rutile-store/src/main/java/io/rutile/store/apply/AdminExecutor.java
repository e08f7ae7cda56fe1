package io.rutile.store.apply;

import io.rutile.engine.api.Cf;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.BatchSplitRequest;
import io.rutile.proto.raftcmdpb.CompactLogRequest;
import io.rutile.proto.raftcmdpb.RaftRequestHeader;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
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
    RegionErrorException refusal = region.refusal(header, Epochs.ruleOf(admin.getCmdType()));
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
        case ChangePeer,
            ChangePeerV2,
            BatchSwitchWitness,
            PrepareMerge,
            CommitMerge,
            RollbackMerge,
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

  AdminOutcome changePeers(
      Entry entry, RaftRequestHeader header, AdminRequest admin, ConfChangeV2 change) {
    RegionErrorException error = region.refusal(header, Epochs.ruleOf(admin.getCmdType()));
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
