package io.rutile.raft.golden;

import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.eraftpb.Message;
import io.rutile.raft.core.RaftConfig;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.Ready;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A node with its disk and what is on the way to disk and state machine. */
final class ScriptNode {
  final long id;
  final MemoryStorage storage;
  final RaftConfig.Builder config;
  final ArrayDeque<Ready> writing = new ArrayDeque<>();
  final ArrayDeque<Entry> toApply = new ArrayDeque<>();
  RaftNode raft;

  ScriptNode(long id, MemoryStorage storage, RaftConfig.Builder config) {
    this.id = id;
    this.storage = storage;
    this.config = config;
    this.raft = start();
  }

  private RaftNode start() {
    return new RaftNode(config.applied(storage.applied()).build(), storage);
  }

  /** Loses everything that is not durable, and starts again. */
  void restart() {
    writing.clear();
    toApply.clear();
    config.mayOweLease(true);
    raft = start();
  }

  Ready takeReady() {
    Ready ready = raft.ready();
    writing.add(ready);
    toApply.addAll(ready.committedEntries());
    return ready;
  }

  /** Makes the oldest write durable and returns the promises that may go now. */
  List<Message> persistOldest() {
    List<Message> released = new ArrayList<>(persist(writing.remove()));
    released.addAll(releaseWithoutWrites());
    return released;
  }

  /** A Ready without anything to write is durable as soon as all earlier ones are. */
  List<Message> releaseWithoutWrites() {
    List<Message> released = new ArrayList<>();
    while (!writing.isEmpty() && !writing.getFirst().hasWrites()) {
      released.addAll(persist(writing.remove()));
    }
    return released;
  }

  private List<Message> persist(Ready ready) {
    storage.write(ready);
    raft.onPersisted(ready.number());
    if (ready.snapshot() != null) {
      raft.advanceApplied(ready.snapshot().getMetadata().getIndex());
    }
    return ready.persistedMessages();
  }

  /** Applies everything handed over, and tells of each change of members. */
  List<String> applyAll() {
    List<String> lines = new ArrayList<>();
    while (!toApply.isEmpty()) {
      Entry entry = toApply.remove();
      ConfState state = raft.confState();
      if (entry.getEntryType() != EntryType.EntryNormal) {
        state = raft.applyConfChange(Trace.changeOf(entry));
        lines.add("members " + Trace.describe(state));
      }
      storage.recordApplied(entry.getIndex(), state);
      raft.advanceApplied(entry.getIndex());
    }
    return lines;
  }
}
