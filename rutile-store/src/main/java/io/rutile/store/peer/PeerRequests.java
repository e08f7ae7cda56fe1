package io.rutile.store.peer;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.raft.core.RaftNode;
import io.rutile.store.apply.WriteFlags;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.read.ClampedSnapshot;
import io.rutile.store.read.ReadView;
import io.rutile.store.read.SharedSnapshots;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What clients ask of a peer: the checks, and reads that need the group's word. Owned by: store
 * loop.
 */
final class PeerRequests {
  private final Peer peer;

  PeerRequests(Peer peer) {
    this.peer = peer;
  }

  void write(WriteRequest request) {
    RegionErrorException error = refusal(request);
    if (error != null) {
      request.fail(error);
    } else if (peer.admin().versionChanging()) {
      peer.admin().holdBack(request);
    } else {
      peer.writes().add(request);
      peer.host().markDirty(peer);
    }
  }

  /** Writes that a range change held back are looked at again. */
  void release() {
    for (WriteRequest request : peer.admin().takeReleased()) {
      write(request);
    }
  }

  private @Nullable RegionErrorException refusal(WriteRequest request) {
    RaftNode node = peer.node();
    RegionImage image = peer.image();
    RegionErrorException error =
        RequestChecks.region(peer.store(), request.context(), request.term(), image, node.term());
    if (error == null) {
      boolean flashback = (request.flags() & WriteFlags.FLASHBACK) != 0;
      error = RequestChecks.flashback(image, flashback);
    }
    if (error == null && !node.isLeader()) {
      error = RequestChecks.notLeader(image, node.leaderId());
    }
    if (error == null) {
      error = RequestChecks.disk(peer.store(), request.diskFull());
    }
    if (error == null && peer.state() == PeerState.Merging) {
      error = RegionErrors.proposalInMergingMode(image.id());
    }
    if (error == null
        && request.deadlineNanos() != Long.MAX_VALUE
        && peer.host().turnNanos() - request.deadlineNanos() >= 0) {
      error = RegionErrors.deadlineExceeded();
    }
    return error;
  }

  void read(ReadRequest request) {
    RegionErrorException error = refusal(request);
    if (error != null) {
      request.fail(error);
      return;
    }
    if (request.guard() instanceof ReadGuard.Stale || (peer.isLeader() && leased())) {
      serve(request);
      return;
    }
    peer.store().metrics().readIndex();
    peer.reads().add(request);
    peer.host().markDirty(peer);
  }

  private boolean leased() {
    ReadView view = peer.handle().view();
    return view != null && view.leasedAt(peer.store().clock().monotonicNanos());
  }

  private @Nullable RegionErrorException refusal(ReadRequest request) {
    RaftNode node = peer.node();
    RegionImage image = peer.image();
    RegionErrorException error =
        RequestChecks.region(
            peer.store(), request.context().proto(), request.context().term(), image, node.term());
    if (error != null) {
      return error;
    }
    if (peer.state() == PeerState.Merging) {
      return RegionErrors.readIndexNotReady(image.id(), "can not read index due to merge");
    }
    return switch (request.guard()) {
      case ReadGuard.Leader leader ->
          node.isLeader() ? null : RequestChecks.notLeader(image, node.leaderId());
      case ReadGuard.Replica replica ->
          node.isLeader() || node.leaderId() != 0
              ? null
              : RegionErrors.readIndexNotReady(image.id(), "can not read index due to no leader");
      case ReadGuard.Stale stale ->
          !peer.isInstalling() && Long.compareUnsigned(stale.readTs(), peer.safeTs().get()) <= 0
              ? null
              : RegionErrors.dataIsNotReady(image.id(), image.self().getId(), peer.safeTs().get());
    };
  }

  /** The index that the read asked the group for is applied: hands out the snapshot. */
  void serve(ReadRequest request) {
    RegionErrorException error =
        RequestChecks.region(
            peer.store(),
            request.context().proto(),
            request.context().term(),
            peer.image(),
            peer.node().term());
    ReadView view = peer.handle().view();
    if (error != null) {
      request.fail(error);
    } else if (view == null) {
      request.fail(RegionErrors.regionNotFound(peer.regionId()));
    } else {
      long version = peer.handle().appliedIndex();
      SharedSnapshots.Shared shared = peer.store().snapshots().acquire();
      request.done().complete(new ClampedSnapshot(shared, peer.handle(), view, version));
    }
  }

  /**
   * A follower asks for a read index: from now on nobody may commit below its timestamp; and when a
   * lock in this leader's memory is in the way, the follower is told of it instead.
   *
   * @return whether the question has been answered
   */
  boolean refuseForMemoryLock(RaftMessage message) {
    Message inner = message.getMessage();
    if (inner.getEntriesCount() == 0) {
      return false;
    }
    Entry entry = inner.getEntries(0);
    ReadIndexContext context = ReadIndexContext.parse(entry.getData());
    if (context == null || context.request().getStartTs() == 0) {
      return false;
    }
    long startTs = context.request().getStartTs();
    peer.store().hooks().raiseMaxTs(startTs);
    Optional<LockInfo> lock =
        peer.store().hooks().memoryLock(peer.regionId(), startTs, context.ranges());
    if (lock.isEmpty()) {
      return false;
    }
    peer.links()
        .send(
            Message.newBuilder()
                .setMsgType(MessageType.MsgReadIndexResp)
                .setTo(inner.getFrom())
                .setFrom(peer.peerId())
                .setTerm(peer.node().term())
                .setIndex(peer.node().commitIndex())
                .addEntries(Entry.newBuilder().setData(context.refusedBy(lock.get())))
                .build());
    return true;
  }
}
