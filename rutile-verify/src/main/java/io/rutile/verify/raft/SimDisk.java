package io.rutile.verify.raft;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.eraftpb.SnapshotMetadata;
import io.rutile.raft.core.Ready;
import io.rutile.raft.log.CompactedException;
import io.rutile.raft.log.InitialState;
import io.rutile.raft.log.RaftStorage;
import io.rutile.raft.log.SnapshotTemporarilyUnavailableException;
import io.rutile.raft.log.UnavailableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's disk: the log and hard state as written, and the state machine as last flushed. What was
 * written without need to sync may be gone after a crash.
 */
final class SimDisk implements RaftStorage {
  /**
   * The state machine at an index.
   *
   * @param hash over all applied entries
   */
  record Machine(long index, long hash, ConfState confState) {}

  static final long FOUNDING_INDEX = 5;
  private static final long FOUNDING_TERM = 5;

  private final List<Entry> entries = new ArrayList<>();
  private long truncatedIndex;
  private long truncatedTerm;
  private HardState hardState = HardState.getDefaultInstance();
  private HardState syncedHardState = HardState.getDefaultInstance();
  private Machine machine;
  private boolean snapshotReady = true;
  private boolean snapshotWanted;

  /** An empty disk: whoever starts on it needs a snapshot. */
  SimDisk() {
    this.machine = new Machine(0, 0, ConfState.getDefaultInstance());
  }

  /**
   * The disk of a founding member. Its log begins at a later index, as TiKV's do, since the members
   * that everybody starts with are in no entry: others must get them with a snapshot.
   */
  static SimDisk founding(ConfState members) {
    SimDisk disk = new SimDisk();
    disk.truncatedIndex = FOUNDING_INDEX;
    disk.truncatedTerm = FOUNDING_TERM;
    disk.machine = new Machine(FOUNDING_INDEX, FOUNDING_INDEX, members);
    disk.hardState =
        HardState.newBuilder().setTerm(FOUNDING_TERM).setCommit(FOUNDING_INDEX).build();
    disk.syncedHardState = disk.hardState;
    return disk;
  }

  /** The write of a Ready has reached the disk. */
  void write(Ready ready) {
    Snapshot snapshot = ready.snapshot();
    if (snapshot != null) {
      entries.clear();
      truncatedIndex = snapshot.getMetadata().getIndex();
      truncatedTerm = snapshot.getMetadata().getTerm();
      machine = machineIn(snapshot);
    }
    if (!ready.entries().isEmpty()) {
      append(ready.entries());
    }
    HardState state = ready.hardState();
    if (state != null) {
      hardState = state;
    }
    if (ready.mustSync()) {
      syncedHardState = hardState;
    }
  }

  private void append(List<Entry> added) {
    long keep = added.getFirst().getIndex() - firstIndex();
    if (keep < 0 || keep > entries.size()) {
      throw new SimViolation("write at " + added.getFirst().getIndex() + " leaves a hole");
    }
    entries.subList((int) keep, entries.size()).clear();
    entries.addAll(added);
  }

  static Machine machineIn(Snapshot snapshot) {
    return new Machine(
        snapshot.getMetadata().getIndex(),
        snapshot.getData().asReadOnlyByteBuffer().getLong(),
        snapshot.getMetadata().getConfState());
  }

  void flush(Machine applied) {
    if (applied.index() > machine.index()) {
      machine = applied;
    }
  }

  Machine machine() {
    return machine;
  }

  HardState hardState() {
    return hardState;
  }

  /** Power loss: unsynced bits of the hard state may be gone. */
  void crash(boolean loseUnsynced) {
    if (loseUnsynced) {
      hardState = syncedHardState;
    } else {
      syncedHardState = hardState;
    }
  }

  void compactTo(long index) {
    if (index > truncatedIndex && index <= machine.index()) {
      truncatedTerm = term(index);
      entries.subList(0, (int) (index - truncatedIndex)).clear();
      truncatedIndex = index;
    }
  }

  /** Whether a newer state machine should be flushed, for a snapshot that was asked for. */
  boolean takeSnapshotWanted() {
    boolean wanted = snapshotWanted;
    snapshotWanted = false;
    return wanted;
  }

  void setSnapshotReady(boolean ready) {
    snapshotReady = ready;
  }

  /** Whether the entry is safe here: in the log, or in the state machine already. */
  boolean holds(long index, long entryTerm) {
    return index <= truncatedIndex || (index <= lastIndex() && term(index) == entryTerm);
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, machine.confState());
  }

  @Override
  public List<Entry> entries(long low, long high, long maxBytes) {
    if (low < firstIndex()) {
      throw new CompactedException("entry " + low);
    }
    if (high > lastIndex() + 1) {
      throw new UnavailableException("entry " + (high - 1));
    }
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (long index = low; index < high; index++) {
      Entry entry = entries.get((int) (index - firstIndex()));
      bytes += entry.getSerializedSize();
      if (bytes > maxBytes && !found.isEmpty()) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  @Override
  public long term(long index) {
    if (index == truncatedIndex) {
      return truncatedTerm;
    }
    if (index < truncatedIndex) {
      throw new CompactedException("entry " + index);
    }
    if (index > lastIndex()) {
      throw new UnavailableException("entry " + index);
    }
    return entries.get((int) (index - firstIndex())).getTerm();
  }

  @Override
  public long firstIndex() {
    return truncatedIndex + 1;
  }

  @Override
  public long lastIndex() {
    return truncatedIndex + entries.size();
  }

  @Override
  public Snapshot snapshot(long requestIndex, long to) {
    if (!snapshotReady || machine.index() < requestIndex || machine.index() == 0) {
      snapshotWanted = true;
      throw new SnapshotTemporarilyUnavailableException("for " + to);
    }
    ByteBuffer state = ByteBuffer.allocate(Long.BYTES).putLong(0, machine.hash());
    return Snapshot.newBuilder()
        .setData(ByteString.copyFrom(state))
        .setMetadata(
            SnapshotMetadata.newBuilder()
                .setIndex(machine.index())
                .setTerm(term(machine.index()))
                .setConfState(machine.confState()))
        .build();
  }
}
