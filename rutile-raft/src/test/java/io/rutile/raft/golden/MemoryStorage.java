package io.rutile.raft.golden;

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
import java.util.ArrayList;
import java.util.List;

/** A disk in memory: only what was written by {@link #write} is there. */
public final class MemoryStorage implements RaftStorage {
  private final List<Entry> entries = new ArrayList<>();
  private HardState hardState = HardState.getDefaultInstance();
  private ConfState confState = ConfState.getDefaultInstance();
  private long truncatedIndex;
  private long truncatedTerm;
  private long applied;
  private ConfState appliedConfState = ConfState.getDefaultInstance();

  /** While false, {@link #snapshot} says that it is being made. */
  public boolean snapshotAvailable = true;

  /** A log that begins after {@code index}, with that many entries compacted away. */
  public static MemoryStorage startingAt(long index, long term, ConfState confState) {
    MemoryStorage storage = new MemoryStorage();
    storage.truncatedIndex = index;
    storage.truncatedTerm = term;
    storage.confState = confState;
    storage.appliedConfState = confState;
    storage.applied = index;
    storage.hardState = HardState.newBuilder().setTerm(term).setCommit(index).build();
    return storage;
  }

  /** Makes a Ready durable. */
  public void write(Ready ready) {
    Snapshot snapshot = ready.snapshot();
    if (snapshot != null) {
      entries.clear();
      truncatedIndex = snapshot.getMetadata().getIndex();
      truncatedTerm = snapshot.getMetadata().getTerm();
      recordApplied(truncatedIndex, snapshot.getMetadata().getConfState());
    }
    if (!ready.entries().isEmpty()) {
      append(ready.entries());
    }
    HardState state = ready.hardState();
    if (state != null) {
      hardState = state;
    }
  }

  public void append(List<Entry> added) {
    int keep = (int) (added.getFirst().getIndex() - firstIndex());
    if (keep > entries.size()) {
      throw new IllegalStateException("hole in the log before " + added.getFirst().getIndex());
    }
    entries.subList(keep, entries.size()).clear();
    entries.addAll(added);
  }

  public void setHardState(HardState state) {
    this.hardState = state;
  }

  /** The state machine is durable up to here. */
  public void recordApplied(long index, ConfState state) {
    applied = index;
    appliedConfState = state;
    confState = state;
  }

  public long applied() {
    return applied;
  }

  public HardState hardState() {
    return hardState;
  }

  public void compactTo(long index) {
    truncatedTerm = term(index);
    entries.subList(0, (int) (index - truncatedIndex)).clear();
    truncatedIndex = index;
  }

  public List<Entry> allEntries() {
    return List.copyOf(entries);
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, confState);
  }

  @Override
  public List<Entry> entries(long low, long high, long maxBytes) {
    if (low < firstIndex()) {
      throw new CompactedException("entry " + low + " is compacted");
    }
    if (high > lastIndex() + 1) {
      throw new UnavailableException("entry " + (high - 1) + " is not there");
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
      throw new CompactedException("entry " + index + " is compacted");
    }
    if (index > lastIndex()) {
      throw new UnavailableException("entry " + index + " is not there");
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
    if (!snapshotAvailable || applied < requestIndex) {
      throw new SnapshotTemporarilyUnavailableException("snapshot for " + to);
    }
    return Snapshot.newBuilder()
        .setData(ByteString.copyFromUtf8("state@" + applied))
        .setMetadata(
            SnapshotMetadata.newBuilder()
                .setIndex(applied)
                .setTerm(term(applied))
                .setConfState(appliedConfState))
        .build();
  }
}
