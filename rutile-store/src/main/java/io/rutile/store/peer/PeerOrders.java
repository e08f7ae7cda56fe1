package io.rutile.store.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.CheckPolicy;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.SplitReason;
import io.rutile.proto.raftcmdpb.AdminCmdType;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.BatchSplitRequest;
import io.rutile.proto.raftcmdpb.CompactLogRequest;
import io.rutile.proto.raftcmdpb.FinishFlashbackRequest;
import io.rutile.proto.raftcmdpb.PrepareFlashbackRequest;
import io.rutile.proto.raftcmdpb.SplitRequest;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.RaftStatus;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.apply.AdminOutcome;
import io.rutile.store.apply.SplitPlan;
import io.rutile.store.heartbeat.RegionReporter;
import io.rutile.store.loop.PeerCommand;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.split.SplitScan;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader does on its own or because the placement driver wants it: reports, log cuts,
 * splits. Owned by: store loop. Periods are counted in base ticks and spread over the regions by
 * id, so that they do not all fall into one tick.
 */
final class PeerOrders {
  private final Peer peer;
  private final LogGc logGc;
  private final Membership membership;
  private final RaftstoreConfig config;
  private long ticks;
  private long bytesSinceSplitCheck;
  private boolean splitCheckRunning;
  private boolean measured;

  PeerOrders(Peer peer) {
    this.peer = peer;
    this.config = peer.store().config();
    this.membership = new Membership(peer);
    this.logGc = new LogGc(config.log());
    this.ticks = peer.regionId() & 0xFFFF;
  }

  void tick() {
    ticks++;
    if (!peer.node().isLeader()) {
      peer.storage().evictCacheBelow(peer.appliedIndex() + 1);
      return;
    }
    if (due(config.log().gcTick())) {
      cutLog();
    }
    if (due(config.heartbeat().region())) {
      report();
    }
    if (due(config.split().checkTick())) {
      checkSize();
    }
  }

  /** A tick of a sleeping peer: a leader goes on reporting. */
  void tickAsleep() {
    ticks++;
    if (peer.node().isLeader() && due(config.heartbeat().region())) {
      report();
    }
  }

  private boolean due(Duration period) {
    return ticks % ticksOf(config, period) == 0;
  }

  /** A period in base ticks, at least one. */
  static long ticksOf(RaftstoreConfig config, Duration period) {
    return Math.max(1, period.toMillis() / Math.max(1, config.election().baseTick().toMillis()));
  }

  void onAppended(long bytes) {
    logGc.onAppended(bytes);
  }

  void onWritten(long bytes) {
    bytesSinceSplitCheck += bytes;
    if (peer.store().cachedLogBytes().get() > config.log().entryCacheBytes()) {
      peer.storage().evictCacheBelow(peer.appliedIndex() + 1);
    }
  }

  void report() {
    RegionImage image = peer.image();
    if (peer.hibernation().asleep()) {
      peer.reporter().onAwake(peer.host().turnNanos());
    }
    peer.reporter()
        .report(
            image.region(),
            image.self(),
            peer.node().status(),
            peer.storage().firstIndex() - 1,
            peer.host().turnNanos(),
            peer.store().clock().wallMillis());
  }

  /**
   * Reports at once when a peer that was pending no longer is: the placement driver waits for it
   * with its next step.
   */
  void onHeard(long peerId) {
    if (peer.reporter().reportedPending(peerId)
        && RegionReporter.pendingPeers(
                peer.image().region(), peer.node().status(), peer.storage().firstIndex() - 1)
            .stream()
            .noneMatch(pending -> pending.getId() == peerId)) {
      report();
    }
  }

  private void cutLog() {
    RaftStatus status = peer.node().status();
    long slowest = peer.appliedIndex();
    for (var progress : status.progress()) {
      slowest = Math.min(slowest, progress.match());
    }
    peer.storage().evictCacheBelow(slowest + 1);
    long cut = logGc.cutIndex(status, peer.storage().firstIndex(), peer.appliedIndex());
    if (cut == 0 || peer.admin().epochChanging()) {
      return;
    }
    propose(
        AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.CompactLog)
            .setCompactLog(
                CompactLogRequest.newBuilder()
                    .setCompactIndex(cut)
                    .setCompactTerm(peer.storage().term(cut)))
            .build(),
        null);
  }

  void onLogCut(long index, long term) {
    logGc.onCut();
    peer.storage().truncate(index, term);
    peer.host().compactLog(peer.regionId(), index + 1);
  }

  /**
   * Proposes an admin command.
   *
   * @param done hears what became of it
   */
  @Nullable RegionErrorException propose(
      AdminRequest command, @Nullable Consumer<AdminOutcome> done) {
    RaftNode node = peer.node();
    Epochs.Rule rule = Epochs.ruleOf(command.getCmdType());
    Region region = peer.image().region();
    if (region.getIsInFlashback() && Epochs.isHeldByFlashback(command.getCmdType())) {
      return RegionErrors.flashbackInProgress(region.getId(), region.getFlashbackStartTs());
    }
    if ((rule.changesVersion() || rule.changesConfVer()) && peer.admin().epochChanging()) {
      return RegionErrors.serverIsBusy("another change of the region is under way");
    }
    if (peer.state() == PeerState.Merging && command.getCmdType() != AdminCmdType.RollbackMerge) {
      return RegionErrors.proposalInMergingMode(peer.regionId());
    }
    try {
      ByteString data = AdminQueue.encode(peer.image(), node.term(), command, 0);
      long index = node.propose(ByteString.EMPTY, data);
      peer.admin().onProposed(index, node.term(), rule, done);
      if (rule.changesVersion()) {
        peer.leadership().lease().revoke();
      }
      peer.host().markDirty(peer);
      return null;
    } catch (ProposalDroppedException e) {
      return WriteQueue.dropped(e, peer.image(), node);
    }
  }

  void onOrder(RegionHeartbeatResponse order) {
    RegionImage image = peer.image();
    if (!peer.node().isLeader()
        || !order.getRegionEpoch().equals(image.region().getRegionEpoch())) {
      return;
    }
    if (order.hasChangePeer()) {
      membership.onChangePeers(List.of(order.getChangePeer()));
    } else if (order.hasChangePeerV2()) {
      membership.onChangePeers(order.getChangePeerV2().getChangesList());
    } else if (order.hasTransferLeader()) {
      membership.onTransferLeader(order.getTransferLeader());
    } else if (order.hasMerge()) {
      peer.merge().onOrder(order.getMerge().getTarget());
    } else if (order.hasSplitRegion()) {
      List<byte[]> keys = new ArrayList<>();
      order.getSplitRegion().getKeysList().forEach(key -> keys.add(key.toByteArray()));
      if (order.getSplitRegion().getPolicy() == CheckPolicy.USEKEY && !keys.isEmpty()) {
        onSplit(
            new PeerCommand.Split(
                image.id(), order.getRegionEpoch(), keys, new CompletableFuture<>()));
      } else {
        scan(true);
      }
    }
  }

  void onFlashback(PeerCommand.Flashback request) {
    RegionImage image = peer.image();
    RaftNode node = peer.node();
    CompletableFuture<Void> done = request.done();
    RegionErrorException error =
        RequestChecks.region(
            peer.store(), request.context().proto(), request.context().term(), image, node.term());
    if (error == null && !node.isLeader()) {
      error = RequestChecks.notLeader(image, node.leaderId());
    }
    if (error == null && peer.state() == PeerState.Merging) {
      error = RegionErrors.proposalInMergingMode(image.id());
    }
    if (error == null) {
      error =
          propose(
              flashbackCommand(request.startTs()),
              outcome -> {
                if (outcome instanceof AdminOutcome.FlashbackChanged) {
                  done.complete(null);
                } else {
                  RegionErrorException refused = outcome.error();
                  done.completeExceptionally(
                      refused == null ? RegionErrors.staleCommand() : refused);
                }
              });
    }
    if (error != null) {
      done.completeExceptionally(error);
    }
  }

  private static AdminRequest flashbackCommand(long startTs) {
    return startTs == 0
        ? AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.FinishFlashback)
            .setFinishFlashback(FinishFlashbackRequest.getDefaultInstance())
            .build()
        : AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.PrepareFlashback)
            .setPrepareFlashback(PrepareFlashbackRequest.newBuilder().setStartTs(startTs))
            .build();
  }

  // Splits.

  private void checkSize() {
    if (!splitCheckRunning
        && (!measured || bytesSinceSplitCheck >= config.split().checkDiffBytes())) {
      scan(false);
    }
  }

  /** The region has taken in another one: its size is to be looked at anew. */
  void onMerged() {
    measured = false;
  }

  private void scan(boolean force) {
    splitCheckRunning = true;
    measured = true;
    bytesSinceSplitCheck = 0;
    RegionImage image = peer.image();
    StoreContext store = peer.store();
    PeerHost host = peer.host();
    store
        .background()
        .accept(() -> {
          SplitScan.Result found = SplitScan.run(store.engine(), image, config.split(), force);
          host.post(
              image.id(),
              new PeerCommand.SizeChecked(
                  image.id(),
                  image.region().getRegionEpoch(),
                  found.bytes(),
                  found.keys(),
                  found.splitKeys()));
        });
  }

  void onSizeChecked(PeerCommand.SizeChecked checked) {
    splitCheckRunning = false;
    if (!checked.epoch().equals(peer.image().region().getRegionEpoch())) {
      return;
    }
    peer.reporter().onMeasured(checked.bytes(), checked.keys());
    if (!checked.splitKeys().isEmpty()) {
      askForIds(checked.epoch(), checked.splitKeys(), SplitReason.SIZE, new CompletableFuture<>());
    }
  }

  void onSplit(PeerCommand.Split request) {
    RegionImage image = peer.image();
    RegionErrorException error = null;
    if (!peer.node().isLeader()) {
      error = RequestChecks.notLeader(image, peer.node().leaderId());
    } else if (request.epoch().getVersion() != image.version()) {
      error = RequestChecks.epochNotMatch(peer.store(), request.epoch().getVersion(), image);
    } else {
      try {
        SplitPlan.checkKeys(image, partsOf(request.keys(), List.of()));
      } catch (RegionErrorException e) {
        error = e;
      }
    }
    if (error != null) {
      request.done().completeExceptionally(error);
      return;
    }
    askForIds(image.region().getRegionEpoch(), request.keys(), SplitReason.ADMIN, request.done());
  }

  private void askForIds(
      RegionEpoch epoch,
      List<byte[]> keys,
      SplitReason reason,
      CompletableFuture<List<Region>> done) {
    long regionId = peer.regionId();
    PeerHost host = peer.host();
    peer.store()
        .pd()
        .askBatchSplit(peer.image().region(), keys.size(), reason)
        .whenComplete((ids, failure) -> {
          if (ids != null) {
            host.post(regionId, new PeerCommand.SplitIds(regionId, epoch, keys, ids, done));
          } else {
            done.completeExceptionally(
                RegionErrors.serverIsBusy("no ids for the split: " + failure));
          }
        });
  }

  void onSplitIds(PeerCommand.SplitIds command) {
    RegionImage image = peer.image();
    CompletableFuture<List<Region>> done = command.done();
    if (!command.epoch().equals(image.region().getRegionEpoch())) {
      done.completeExceptionally(
          RequestChecks.epochNotMatch(peer.store(), command.epoch().getVersion(), image));
      return;
    }
    AdminRequest split =
        AdminRequest.newBuilder()
            .setCmdType(AdminCmdType.BatchSplit)
            .setSplits(
                BatchSplitRequest.newBuilder()
                    .addAllRequests(partsOf(command.keys(), command.ids()))
                    .setRightDerive(config.split().rightDerive()))
            .build();
    RegionErrorException error =
        propose(
            split,
            outcome -> {
              if (outcome instanceof AdminOutcome.Split applied) {
                done.complete(applied.plan().regions());
              } else {
                RegionErrorException refused = outcome.error();
                done.completeExceptionally(refused == null ? RegionErrors.staleCommand() : refused);
              }
            });
    if (error != null) {
      done.completeExceptionally(error);
    }
  }

  private static List<SplitRequest> partsOf(List<byte[]> keys, List<SplitID> ids) {
    List<SplitRequest> parts = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      SplitRequest.Builder part =
          SplitRequest.newBuilder().setSplitKey(UnsafeByteOperations.unsafeWrap(keys.get(i)));
      if (i < ids.size()) {
        part.setNewRegionId(ids.get(i).getNewRegionId())
            .addAllNewPeerIds(ids.get(i).getNewPeerIdsList());
      }
      parts.add(part.build());
    }
    return parts;
  }
}
