package io.rutile.verify.raft;

import io.rutile.proto.eraftpb.ConfChangeV2;
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
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A node: its disk, which lasts, and everything else, which a crash takes away. */
final class SimNode {
  final long id;
  final SimDisk disk;
  final int tickInterval;
  private final SimOptions options;
  private final RandomGenerator random;

  /** Grows with each crash, so that events for an earlier life are recognized. */
  int life;

  long pausedUntil;
  int missedTicks;
  private @Nullable RaftNode raft;
  private final ArrayDeque<Ready> writing = new ArrayDeque<>();
  private final ArrayDeque<Entry> applying = new ArrayDeque<>();
  private SimDisk.Machine machine;

  SimNode(long id, SimDisk disk, int tickInterval, SimOptions options, RandomGenerator random) {
    this.id = id;
    this.disk = disk;
    this.tickInterval = tickInterval;
    this.options = options;
    this.random = random;
    this.machine = disk.machine();
    start(false);
  }

  boolean isUp() {
    return raft != null;
  }

  RaftNode raft() {
    RaftNode running = raft;
    if (running == null) {
      throw new IllegalStateException("node " + id + " is down");
    }
    return running;
  }

  SimDisk.Machine machine() {
    return machine;
  }

  void start(boolean ranBefore) {
    machine = disk.machine();
    RaftConfig.Builder config =
        RaftConfig.builder(id, random)
            .electionTicks(SimOptions.ELECTION_TICKS)
            .heartbeatTicks(2)
            .applied(machine.index())
            .preVote(options.preVote())
            .checkQuorum(options.checkQuorum())
            .readOnlyLease(options.lease())
            .skipBroadcastCommit(options.skipBroadcastCommit())
            .mayOweLease(ranBefore);
    if (options.smallLimits()) {
      config
          .maxInflightMessages(2)
          .maxSizePerMessage(40)
          .maxInflightBytes(100)
          .maxUncommittedSize(200)
          .maxCommittedSizePerReady(30);
    }
    raft = new RaftNode(config.build(), disk);
  }

  /** Loses memory, a suffix of the writes on their way, and perhaps what was not synced. */
  void crash() {
    int reached = random.nextInt(writing.size() + 1);
    for (int i = 0; i < reached; i++) {
      disk.write(writing.remove());
    }
    disk.crash(random.nextBoolean());
    writing.clear();
    applying.clear();
    raft = null;
    life++;
  }

  Ready takeReady() {
    Ready ready = raft().ready();
    writing.add(ready);
    applying.addAll(ready.committedEntries());
    return ready;
  }

  boolean isWriting() {
    return !writing.isEmpty();
  }

  Ready nextWrite() {
    return writing.getFirst();
  }

  /** The oldest write reaches the disk; its promises may leave. */
  List<Message> finishWrite() {
    Ready ready = writing.remove();
    disk.write(ready);
    if (ready.snapshot() != null) {
      machine = disk.machine();
      applying.removeIf(entry -> entry.getIndex() <= machine.index());
    }
    return ready.persistedMessages();
  }

  boolean isApplying() {
    return !applying.isEmpty();
  }

  /** Applies up to {@code count} entries and returns them. */
  List<Entry> apply(int count) {
    List<Entry> applied = new ArrayList<>();
    while (applied.size() < count && !applying.isEmpty()) {
      Entry entry = applying.remove();
      ConfState members = machine.confState();
      if (entry.getEntryType() != EntryType.EntryNormal) {
        members = raft().applyConfChange(changeIn(entry));
      }
      machine = new SimDisk.Machine(entry.getIndex(), hashAfter(machine.hash(), entry), members);
      raft().advanceApplied(entry.getIndex());
      applied.add(entry);
    }
    return applied;
  }

  static long hashAfter(long hash, Entry entry) {
    long mixed = hash * 31 + entry.getTerm();
    mixed = mixed * 31 + entry.getIndex();
    return mixed * 31 + entry.getData().hashCode();
  }

  private static ConfChangeV2 changeIn(Entry entry) {
    try {
      return ConfChangeV2.parseFrom(entry.getData());
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
