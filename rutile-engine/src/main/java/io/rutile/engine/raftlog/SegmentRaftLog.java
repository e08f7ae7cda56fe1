package io.rutile.engine.raftlog;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.engine.handle.UseGate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The Raft log in shared segment files: a batch of all groups' changes is one frame, one write and
 * one fdatasync.
 *
 * <p>Why so: the cost of a durable append is the sync, so all regions of a store share it; and a
 * sync of blocks that exist costs half that of a growing file, so segments are recycled. The index
 * (see {@link GroupIndex}) is in memory and rebuilt at start by {@link LogRecovery}; entries are
 * read from the files and compared with their checksums each time, since the caller keeps recent
 * ones in a cache of its own.
 *
 * <p>Threads: writes, purges and segment changes hold {@code writeLock}; reads take no lock but the
 * group's for a moment, and hold the segment open while they read. Order at a write: check, write,
 * sync, then publish in the index, so nothing is read that a crash could take back when the write
 * was synced.
 *
 * <p>Segments leave in the order of their ids only, {@link LogPurger} having moved what is alive in
 * the oldest: so what remains is always one run of frames, and a replay of it gives the state.
 *
 * <p>A failed sync is never repeated: the kernel may have dropped the dirty pages and report
 * success the second time. The log is then closed for good.
 */
public final class SegmentRaftLog implements RaftLog {
  static final String CORRUPTION_CODE = ErrorCodes.ENGINE_DATA_LOSS;

  private static final int READ_STRIPES = 8;

  private final SegmentDirectory directory;
  private final RaftLogConfig config;
  private final ConcurrentHashMap<Long, GroupIndex> groups = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final UseGate gate;
  private final EntryReader reader = new EntryReader(segments);
  private final LogPurger purger;

  private final ReentrantLock writeLock = new ReentrantLock();
  private final ByteBuffer staging = Segment.newStaging();
  private final BatchCheck check = new BatchCheck(this::copyRange);
  private final ChangeApplier applier = new ChangeApplier(groups, this::book, this::needFrom);
  private Segment active;
  private long lastSequence;
  private long durableSequence;
  private long durablePosition;
  private long lowestNeeded;
  private volatile @Nullable Throwable failure;

  private SegmentRaftLog(SegmentDirectory directory, RaftLogConfig config) throws IOException {
    this.directory = directory;
    this.config = config;
    this.gate = new UseGate("the raft log in " + directory.path(), READ_STRIPES);
    this.purger = new LogPurger(this, config);
    List<Segment> opened = directory.openSegments();
    try {
      LogRecovery recovery = new LogRecovery(directory);
      recovery.replay(opened);
      groups.putAll(recovery.groups());
      lastSequence = recovery.lastSequence();
      lowestNeeded = recovery.lowestNeeded();
      if (opened.isEmpty()) {
        lowestNeeded = 1;
        opened.add(directory.create(new Segment.Header(1, 1, lowestNeeded)));
      }
    } catch (RuntimeException | IOException e) {
      for (Segment segment : opened) {
        segment.close();
      }
      throw e;
    }
    durableSequence = lastSequence;
    opened.forEach(segment -> segments.put(segment.id, segment));
    active = opened.getLast();
    durablePosition = active.position();
  }

  /**
   * Opens the log in that directory, making it if there is none.
   *
   * @throws EngineException of kind LOCKED when another process has it, INVALID_ARGUMENT when it is
   *     of another format version
   * @throws CorruptionException naming file and offset when something is damaged or missing that
   *     was durable
   */
  public static SegmentRaftLog open(Path path, RaftLogConfig config) {
    try {
      SegmentDirectory directory = SegmentDirectory.lock(path, config);
      try {
        return new SegmentRaftLog(directory, config);
      } catch (RuntimeException | IOException e) {
        directory.close();
        throw e;
      }
    } catch (IOException e) {
      throw translated(path + ": the raft log cannot be opened", e);
    }
  }

  @Override
  public long firstIndex(long groupId) {
    int slot = enter();
    try {
      GroupIndex group = groups.get(groupId);
      return group == null ? 1 : group.first();
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public long lastIndex(long groupId) {
    int slot = enter();
    try {
      GroupIndex group = groups.get(groupId);
      return group == null ? 0 : group.last();
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public byte @Nullable [] entry(long groupId, long index) {
    int slot = enter();
    try {
      GroupIndex group = groups.get(groupId);
      return group == null ? null : reader.entry(group, index);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public List<byte[]> entries(long groupId, long low, long high, long maxBytes) {
    int slot = enter();
    try {
      GroupIndex group = groups.get(groupId);
      if (group == null) {
        throw new CorruptionException(
            CORRUPTION_CODE, directory.path() + ": no raft log of group " + groupId);
      }
      return reader.entries(group, low, high, maxBytes);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public byte @Nullable [] state(long groupId) {
    int slot = enter();
    try {
      GroupIndex group = groups.get(groupId);
      return group == null ? null : group.state();
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public void forEachGroup(LongConsumer consumer) {
    int slot = enter();
    long[] ids;
    try {
      ids = groups.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    } finally {
      gate.exit(slot);
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
  public void write(RaftLogBatch batch, boolean sync) {
    if (!(batch instanceof LogBatch changes)) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "not a batch of this raft log");
    }
    int slot = enter();
    writeLock.lock();
    try {
      requireUsable();
      check.check(changes);
      commit(changes, sync);
    } finally {
      writeLock.unlock();
      gate.exit(slot);
    }
    changes.clear();
  }

  @Override
  public long usedBytes() {
    int slot = enter();
    writeLock.lock();
    try {
      return usedBytesLocked();
    } finally {
      writeLock.unlock();
      gate.exit(slot);
    }
  }

  @Override
  public void purge(LongConsumer laggard) {
    int slot = enter();
    try {
      purger.purge(laggard);
    } finally {
      gate.exit(slot);
    }
  }

  /** Syncs what was written, closes the files and frees the directory. */
  @Override
  public void close() {
    if (!gate.close()) {
      return;
    }
    writeLock.lock();
    try {
      if (failure == null && durableSequence < lastSequence) {
        active.force();
      }
      for (Segment segment : segments.values()) {
        segment.close();
      }
      directory.close();
    } catch (IOException e) {
      throw translated(directory.path() + ": the raft log cannot be closed", e);
    } finally {
      writeLock.unlock();
    }
  }

  // What follows is called with writeLock held; LogPurger is the other caller.

  ReentrantLock writeLock() {
    return writeLock;
  }

  ConcurrentHashMap<Long, GroupIndex> groups() {
    return groups;
  }

  EntryReader reader() {
    return reader;
  }

  /** The oldest segment when it is not the one that is written to. */
  @Nullable Segment oldestClosed() {
    Segment oldest = segments.firstEntry().getValue();
    return oldest == active ? null : oldest;
  }

  /** The segment that is written to. */
  Segment activeSegment() {
    return active;
  }

  /** The end of what is durable in the segment that is written to. */
  long durablePosition() {
    return durablePosition;
  }

  long usedBytesLocked() {
    long bytes = 0;
    for (Segment segment : segments.values()) {
      bytes += segment.position();
    }
    return bytes;
  }

  void requireUsable() {
    Throwable cause = failure;
    if (cause != null) {
      throw new EngineException(
          EngineException.Kind.IO,
          directory.path() + ": the raft log failed and takes no calls until a restart",
          cause);
    }
  }

  /** Writes a checked batch, makes it durable if asked, and publishes it. */
  void commit(LogBatch batch, boolean sync) {
    if (!batch.isEmpty()) {
      int frameBytes = batch.frameBytes();
      if (!active.hasRoomFor(frameBytes)) {
        rotate();
      }
      byte[] frame = batch.seal(lastSequence + 1, active.id, durableSequence);
      long offset = active.position();
      try {
        active.append(frame, frameBytes, staging);
      } catch (IOException e) {
        throw failedWrite(e);
      }
      lastSequence++;
      applier.at(active.id, (int) offset);
    }
    if (sync) {
      sync();
    }
    batch.forEach(applier);
  }

  /** Lets go of the oldest segment, on which nothing depends, once that is durable. */
  void dropOldest(Segment oldest) {
    if (oldest.liveBytes() != 0) {
      throw new IllegalStateException(
          oldest.path + " still holds " + oldest.liveBytes() + " live bytes");
    }
    LogBatch note = new LogBatch();
    note.trim(oldest.id + 1);
    commit(note, true);
    segments.remove(oldest.id);
    try {
      directory.retire(oldest);
    } catch (IOException e) {
      throw fatal(e);
    }
  }

  private void sync() {
    if (durableSequence == lastSequence) {
      return;
    }
    try {
      active.force();
    } catch (IOException e) {
      throw fatal(e);
    }
    durableSequence = lastSequence;
    durablePosition = active.position();
  }

  private void rotate() {
    sync();
    Segment.Header header = new Segment.Header(active.id + 1, lastSequence + 1, lowestNeeded);
    try {
      active = directory.create(header);
    } catch (IOException e) {
      throw failedWrite(e);
    }
    durablePosition = active.position();
    segments.put(active.id, active);
  }

  private void book(long segmentId, long delta) {
    Segment segment = segments.get(segmentId);
    if (segment != null) {
      segment.addLive(delta);
    }
  }

  private void needFrom(long segmentId) {
    lowestNeeded = Math.max(lowestNeeded, segmentId);
  }

  private void copyRange(long groupId, LogRange target) {
    GroupIndex group = groups.get(groupId);
    if (group != null) {
      group.copyRangeTo(target);
    }
  }

  private int enter() {
    int slot = gate.enter();
    if (failure != null) {
      gate.exit(slot);
      requireUsable();
    }
    return slot;
  }

  private RutileException failedWrite(IOException e) {
    return isNoSpace(e) ? translated(directory.path() + ": the raft log cannot grow", e) : fatal(e);
  }

  private RutileException fatal(IOException e) {
    failure = e;
    return translated(directory.path() + ": the raft log failed and is closed", e);
  }

  private static EngineException translated(String what, IOException e) {
    EngineException.Kind kind =
        isNoSpace(e) ? EngineException.Kind.NO_SPACE : EngineException.Kind.IO;
    return new EngineException(kind, what + ": " + e.getMessage(), e);
  }

  /** The JDK tells a full disk by its text only; the text comes from strerror. */
  private static boolean isNoSpace(IOException e) {
    String message = e.getMessage();
    if (message == null) {
      return false;
    }
    String text = message.toLowerCase(Locale.ROOT);
    return text.contains("no space left") || text.contains("quota exceeded");
  }
}
