package io.rutile.engine.memory;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.engine.raftlog.BatchCheck;
import io.rutile.engine.raftlog.LogBatch;
import io.rutile.engine.raftlog.LogChange;
import io.rutile.engine.raftlog.LogRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A Raft log in memory whose disk can lose power. It holds the groups twice, as written and as
 * durable, sharing the entries' bytes, and the batches between the two: {@link #crash} keeps the
 * durable state and a prefix of those batches. A torn last batch is the same as an absent one,
 * since a log drops it at recovery.
 *
 * <p>All methods are synchronised, so any thread may call.
 */
public final class MemoryRaftLog implements RaftLog {
  private final ArrayDeque<Consumer<Groups>> unsynced = new ArrayDeque<>();
  private final Groups durable;
  private final Groups current;
  private final BatchCheck check = new BatchCheck(this::copyRange);
  private boolean closed;

  public MemoryRaftLog() {
    this(new Groups());
  }

  private MemoryRaftLog(Groups durable) {
    this.durable = durable;
    this.current = durable.copy();
  }

  /**
   * Cuts the power: ends this log and returns what is found after the restart: all that was synced,
   * and of the later batches a prefix whose length {@code random} decides.
   */
  public synchronized MemoryRaftLog crash(RandomGenerator random) {
    requireOpen();
    closed = true;
    int survivors = random.nextInt(unsynced.size() + 1);
    for (int i = 0; i < survivors; i++) {
      unsynced.removeFirst().accept(durable);
    }
    return new MemoryRaftLog(durable);
  }

  /** Ends the process but not the machine: returns a log with everything written so far. */
  public synchronized MemoryRaftLog restart() {
    requireOpen();
    closed = true;
    return new MemoryRaftLog(current);
  }

  @Override
  public synchronized long firstIndex(long groupId) {
    Group group = found(groupId);
    return group == null ? 1 : group.range.first();
  }

  @Override
  public synchronized long lastIndex(long groupId) {
    Group group = found(groupId);
    return group == null ? 0 : group.range.last();
  }

  @Override
  public synchronized byte @Nullable [] entry(long groupId, long index) {
    Group group = found(groupId);
    return group == null || !group.range.contains(index) ? null : group.entry(index).clone();
  }

  @Override
  public synchronized List<byte[]> entries(long groupId, long low, long high, long maxBytes) {
    Group group = found(groupId);
    List<byte[]> entries = new ArrayList<>();
    long bytes = 0;
    for (long index = low; index < high; index++) {
      if (group == null || !group.range.contains(index)) {
        throw new CorruptionException(
            ErrorCodes.ENGINE_DATA_LOSS, "raft log of group " + groupId + " has no entry " + index);
      }
      byte[] entry = group.entry(index);
      bytes += entry.length;
      if (index > low && bytes > maxBytes) {
        break;
      }
      entries.add(entry.clone());
    }
    return entries;
  }

  @Override
  public synchronized byte @Nullable [] state(long groupId) {
    Group group = found(groupId);
    return group == null || group.state == null ? null : group.state.clone();
  }

  @Override
  public void forEachGroup(LongConsumer consumer) {
    long[] ids;
    synchronized (this) {
      requireOpen();
      ids = current.byId.keySet().stream().mapToLong(Long::longValue).toArray();
    }
    for (long id : ids) {
      consumer.accept(id);
    }
  }

  @Override
  public RaftLogBatch newBatch() {
    return new LogBatch();
  }

  @Override
  public synchronized void write(RaftLogBatch batch, boolean sync) {
    requireOpen();
    if (!(batch instanceof LogBatch changes)) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "not a batch of this raft log");
    }
    if (!changes.isEmpty()) {
      check.check(changes);
      Changes kept = Changes.of(changes);
      kept.accept(current);
      unsynced.addLast(kept);
    }
    if (sync) {
      unsynced.forEach(later -> later.accept(durable));
      unsynced.clear();
    }
    changes.clear();
  }

  @Override
  public synchronized long usedBytes() {
    requireOpen();
    long bytes = 0;
    for (Group group : current.byId.values()) {
      for (byte[] entry : group.entries) {
        bytes += entry.length;
      }
    }
    return bytes;
  }

  /** Entries that are compacted are gone at once, so there is nothing to reclaim. */
  @Override
  public synchronized void purge(LongConsumer laggard) {
    requireOpen();
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void copyRange(long groupId, LogRange target) {
    Group group = current.byId.get(groupId);
    if (group != null) {
      target.copyFrom(group.range);
    }
  }

  private @Nullable Group found(long groupId) {
    requireOpen();
    return current.byId.get(groupId);
  }

  private void requireOpen() {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, "the raft log is closed");
    }
  }

  /** One group's range, entries and state. */
  private static final class Group {
    private final LogRange range = new LogRange();
    private final ArrayList<byte[]> entries = new ArrayList<>();
    private byte @Nullable [] state;

    byte[] entry(long index) {
      return entries.get((int) (index - range.first()));
    }

    void append(long groupId, long firstIndex, List<byte[]> added) {
      range.append(groupId, firstIndex, added.size());
      int kept = (int) (firstIndex - range.first());
      entries.subList(kept, entries.size()).clear();
      entries.addAll(added);
    }

    void compact(long groupId, long firstKept) {
      long before = range.first();
      range.compact(groupId, firstKept);
      entries.subList(0, (int) (range.first() - before)).clear();
    }

    void reset(long groupId, long firstIndex) {
      range.reset(groupId, firstIndex);
      entries.clear();
    }

    Group copy() {
      Group copy = new Group();
      copy.range.copyFrom(range);
      copy.entries.addAll(entries);
      copy.state = state;
      return copy;
    }
  }

  /** All groups, by id. */
  private static final class Groups {
    private final TreeMap<Long, Group> byId = new TreeMap<>();

    Group group(long groupId) {
      return byId.computeIfAbsent(groupId, id -> new Group());
    }

    Groups copy() {
      Groups copy = new Groups();
      byId.forEach((id, group) -> copy.byId.put(id, group.copy()));
      return copy;
    }
  }

  /** The changes of one batch, kept beyond the batch's next use. */
  private record Changes(List<Consumer<Groups>> steps) implements Consumer<Groups> {

    static Changes of(LogBatch batch) {
      Changes changes = new Changes(new ArrayList<>());
      batch.forEach(changes.new Collector());
      return changes;
    }

    @Override
    public void accept(Groups groups) {
      steps.forEach(step -> step.accept(groups));
    }

    private final class Collector implements LogChange.Visitor {
      @Override
      public void append(long groupId, long firstIndex, int count, byte[] buffer, int offset) {
        List<byte[]> entries = new ArrayList<>(count);
        int at = offset;
        for (int i = 0; i < count; i++) {
          entries.add(LogChange.entryBytes(buffer, at));
          at = LogChange.nextEntry(buffer, at);
        }
        steps.add(groups -> groups.group(groupId).append(groupId, firstIndex, entries));
      }

      @Override
      public void state(long groupId, byte[] state) {
        steps.add(groups -> groups.group(groupId).state = state);
      }

      @Override
      public void compact(long groupId, long firstKept) {
        steps.add(groups -> {
          Group group = groups.byId.get(groupId);
          if (group != null) {
            group.compact(groupId, firstKept);
          }
        });
      }

      @Override
      public void reset(long groupId, long firstIndex) {
        steps.add(groups -> groups.group(groupId).reset(groupId, firstIndex));
      }

      @Override
      public void remove(long groupId) {
        steps.add(groups -> groups.byId.remove(groupId));
      }
    }
  }
}
