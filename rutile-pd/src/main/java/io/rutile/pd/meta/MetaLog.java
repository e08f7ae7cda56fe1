package io.rutile.pd.meta;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.eraftpb.SnapshotMetadata;
import io.rutile.proto.pdmetapb.MetaRaftState;
import io.rutile.proto.pdmetapb.MetaSnapshot;
import io.rutile.raft.core.Ready;
import io.rutile.raft.log.CompactedException;
import io.rutile.raft.log.InitialState;
import io.rutile.raft.log.RaftStorage;
import io.rutile.raft.log.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of PD's one Raft group: durable in a {@link RaftLog}, and, since it is short, in memory
 * too, where the core reads it.
 *
 * <p>Owned by: the store's thread.
 */
final class MetaLog implements RaftStorage {
  /** The group's id in the shared log; PD has only one. */
  static final long GROUP = 1;

  private final RaftLog log;
  private final Supplier<MetaSnapshot> snapshots;
  private final List<Entry> entries = new ArrayList<>();
  private HardState hardState;
  private ConfState confState;

  /** The entry before the first kept one. */
  private long truncatedIndex;

  private long truncatedTerm;

  /**
   * @param base the snapshot found at start: the log must reach on from it
   * @param snapshots makes one of the present state, for a member that is too far behind
   */
  MetaLog(RaftLog log, MetaSnapshot base, Supplier<MetaSnapshot> snapshots) {
    this.log = log;
    this.snapshots = snapshots;
    this.confState = base.getConfState();
    MetaRaftState state = stored();
    if (state == null) {
      hardState =
          HardState.newBuilder()
              .setTerm(base.getAppliedTerm())
              .setCommit(base.getAppliedIndex())
              .build();
      restart(base.getAppliedIndex(), base.getAppliedTerm());
      return;
    }
    hardState = state.getHardState();
    truncatedIndex = state.getTruncatedIndex();
    truncatedTerm = state.getTruncatedTerm();
    load();
    if (base.getAppliedIndex() > lastIndex()) {
      restart(base.getAppliedIndex(), base.getAppliedTerm());
    } else if (base.getAppliedIndex() < truncatedIndex) {
      throw corrupt("begins after index " + truncatedIndex + ", beyond the snapshot", null);
    }
    if (hardState.getCommit() < base.getAppliedIndex()) {
      hardState = hardState.toBuilder().setCommit(base.getAppliedIndex()).build();
    }
  }

  private @Nullable MetaRaftState stored() {
    byte[] bytes = log.state(GROUP);
    try {
      return bytes == null ? null : MetaRaftState.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt("has a damaged state record", e);
    }
  }

  private void load() {
    long next = truncatedIndex + 1;
    long end = log.lastIndex(GROUP) + 1;
    while (next < end) {
      for (byte[] bytes : log.entries(GROUP, next, end, 4 << 20)) {
        try {
          entries.add(Entry.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
          throw corrupt("has a damaged entry " + next, e);
        }
        next++;
      }
    }
  }

  private static CorruptionException corrupt(String what, @Nullable Exception cause) {
    String message = "the log of PD's store " + what;
    return cause == null
        ? new CorruptionException("PD:etcd:ErrLogCorrupt", message)
        : new CorruptionException("PD:etcd:ErrLogCorrupt", message, cause);
  }

  private void restart(long index, long term) {
    truncatedIndex = index;
    truncatedTerm = term;
    entries.clear();
    RaftLogBatch batch = log.newBatch();
    batch.reset(GROUP, index + 1);
    batch.putState(GROUP, state());
    log.write(batch, true);
  }

  private byte[] state() {
    return MetaRaftState.newBuilder()
        .setHardState(hardState)
        .setTruncatedIndex(truncatedIndex)
        .setTruncatedTerm(truncatedTerm)
        .build()
        .toByteArray();
  }

  /** Makes durable what a Ready hands over, but for its snapshot. */
  void write(Ready ready) {
    if (ready.entries().isEmpty() && ready.hardState() == null) {
      return;
    }
    RaftLogBatch batch = log.newBatch();
    if (!ready.entries().isEmpty()) {
      List<byte[]> bytes = new ArrayList<>(ready.entries().size());
      for (Entry entry : ready.entries()) {
        bytes.add(entry.toByteArray());
      }
      batch.append(GROUP, ready.entries().getFirst().getIndex(), bytes);
    }
    if (ready.hardState() != null) {
      hardState = ready.hardState();
      batch.putState(GROUP, state());
    }
    log.write(batch, ready.mustSync());
    append(ready.entries());
  }

  private void append(List<Entry> added) {
    if (!added.isEmpty()) {
      int keep = Math.toIntExact(added.getFirst().getIndex() - firstIndex());
      entries.subList(keep, entries.size()).clear();
      entries.addAll(added);
    }
  }

  /** The state machine was replaced by a snapshot that is durable: the log starts behind it. */
  void startAfter(MetaSnapshot snapshot, @Nullable HardState hard) {
    if (hard != null) {
      hardState = hard;
    }
    confState = snapshot.getConfState();
    restart(snapshot.getAppliedIndex(), snapshot.getAppliedTerm());
  }

  /** Forgets entries up to {@code index}, which a durable snapshot contains. */
  void compact(long index) {
    if (index <= truncatedIndex) {
      return;
    }
    long term = term(index);
    entries.subList(0, Math.toIntExact(index - truncatedIndex)).clear();
    truncatedIndex = index;
    truncatedTerm = term;
    RaftLogBatch batch = log.newBatch();
    batch.compact(GROUP, index + 1);
    batch.putState(GROUP, state());
    log.write(batch, false);
    log.purge(laggard -> {});
  }

  void confState(ConfState changed) {
    confState = changed;
  }

  ConfState confState() {
    return confState;
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, confState);
  }

  @Override
  public List<Entry> entries(long low, long high, long maxBytes) {
    checkRange(low, high - 1);
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (long index = low; index < high; index++) {
      Entry entry = at(index);
      bytes += entry.getSerializedSize();
      if (!found.isEmpty() && bytes > maxBytes) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  private Entry at(long index) {
    return entries.get(Math.toIntExact(index - truncatedIndex - 1));
  }

  private void checkRange(long low, long high) {
    if (low <= truncatedIndex) {
      throw new CompactedException("entry " + low + " is compacted");
    }
    if (high > lastIndex()) {
      throw new UnavailableException("entry " + high + " is beyond the last one");
    }
  }

  @Override
  public long term(long index) {
    if (index == truncatedIndex) {
      return truncatedTerm;
    }
    checkRange(index, index);
    return at(index).getTerm();
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
    MetaSnapshot state = snapshots.get();
    return Snapshot.newBuilder()
        .setData(state.toByteString())
        .setMetadata(
            SnapshotMetadata.newBuilder()
                .setConfState(state.getConfState())
                .setIndex(state.getAppliedIndex())
                .setTerm(state.getAppliedTerm()))
        .build();
  }
}
