package io.rutile.store.peer;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.raftserverpb.RaftLocalState;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.ReadState;
import io.rutile.raft.core.Ready;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.apply.PendingWrite;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what the peer's Raft node wants done: messages that promise nothing leave at once,
 * entries and votes go to the log writer, messages that promise something wait for its report,
 * committed entries go to the apply worker. Owned by: store loop.
 */
final class ReadyHandler {
  private final Peer peer;
  private final PersistQueue persist = new PersistQueue();
  private long applyingIndex;
  private long heartbeatRound;
  private @Nullable HardState unsavedState;

  ReadyHandler(Peer peer, long appliedIndex) {
    this.peer = peer;
    this.applyingIndex = appliedIndex;
  }

  /** The last index that was handed to the apply worker. */
  long applyingIndex() {
    return applyingIndex;
  }

  /** Number of the last round of heartbeats sent. */
  long heartbeatRound() {
    return heartbeatRound;
  }

  /** A snapshot at {@code index} is in place of everything before. */
  void restart(long index) {
    applyingIndex = index;
  }

  void handle(Ready ready) {
    RaftNode node = peer.node();
    Leadership leadership = peer.leadership();
    if (ready.heartbeatRound() > 0) {
      heartbeatRound = ready.heartbeatRound();
      leadership.onRoundSent(ready.heartbeatRound(), peer.host().turnNanos());
    }
    if (ready.softState() != null
        || leadership.leading() != node.isLeader()
        || (leadership.leading() && leadership.term() != node.term())) {
      peer.onRole();
    }
    leadership.onProgress(node, peer.host().turnNanos());
    for (Message message : ready.messages()) {
      peer.links().send(message);
    }
    makeDurable(ready);
    apply(ready.committedEntries());
    for (ReadState read : ready.readStates()) {
      long asked = peer.reads().onAnswer(read.requestContext(), read.index());
      if (asked != Long.MIN_VALUE && node.isLeader()) {
        leadership.onCommitted(node, node.term(), asked);
      }
    }
  }

  private void makeDurable(Ready ready) {
    if (ready.hardState() != null) {
      unsavedState = ready.hardState();
      peer.storage().setHardState(ready.hardState());
    }
    if (ready.snapshot() != null) {
      peer.snapshots().install(ready.snapshot());
    }
    boolean write = ready.mustSync() || !ready.entries().isEmpty() || ready.snapshot() != null;
    if (write) {
      long bytes = 0;
      for (Entry entry : ready.entries()) {
        bytes += entry.getSerializedSize();
      }
      peer.orders().onAppended(bytes);
      LogAppend append =
          new LogAppend(
              peer.regionId(),
              peer.peerId(),
              ready.number(),
              0,
              ready.entries(),
              takeUnsavedState());
      if (!peer.snapshots().hold(append)) {
        peer.host().append(append);
      }
    }
    persist.add(
        new PersistQueue.Pending(
            ready.number(), write, ready.snapshot(), ready.entries(), ready.persistedMessages()));
    if (!write) {
      onDurable(0);
    }
  }

  private @Nullable RaftLocalState takeUnsavedState() {
    HardState hard = unsavedState;
    unsavedState = null;
    return hard == null ? null : RaftLocalState.newBuilder().setHardState(hard).build();
  }

  /** All Readys up to this number are on disk. */
  void onDurable(long readyNumber) {
    PersistQueue.Pending pending = persist.pollDurable(readyNumber);
    while (pending != null) {
      if (pending.snapshot() != null) {
        peer.snapshots().onDurable(pending.snapshot());
      }
      peer.storage().onPersisted(pending.entries());
      peer.node().onPersisted(pending.number());
      if (pending.snapshot() != null) {
        peer.node().advanceApplied(peer.appliedIndex());
      }
      for (Message promise : pending.promises()) {
        peer.links().send(promise);
      }
      pending = persist.pollDurable(readyNumber);
    }
  }

  private void apply(List<Entry> committed) {
    if (committed.isEmpty()) {
      return;
    }
    applyingIndex = committed.getLast().getIndex();
    List<PendingWrite> settled = peer.writes().takeUpTo(applyingIndex);
    if (!settled.isEmpty()) {
      PendingWrite newest = settled.getLast();
      peer.leadership().onCommitted(peer.node(), newest.term(), newest.proposedNanos());
      StoreContext store = peer.store();
      store.metrics().commitLog(store.clock().monotonicNanos() - newest.proposedNanos());
    }
    peer.host().apply(new ApplyCommand.Commit(peer.regionId(), committed, settled));
  }
}
