package io.rutile.engine.raftlog;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * Frees segments, oldest first. What still lives in the oldest is said again at the end of the log:
 * states and ranges always, since they are small, and entries when they are few; otherwise their
 * groups are named so that they compact.
 *
 * <p>Entries are moved a chunk at a time with the log's lock held for each chunk only, so that
 * writers wait for one small write at most. A chunk needs no sync of its own: the note that ends
 * the segment's life is synced behind all of them, before the file goes.
 */
final class LogPurger {
  /** Live entries are moved, rather than waited for, up to this share of a segment. */
  private static final int MOVABLE_SHARE = 8;

  private static final int CHUNK_BYTES = 256 << 10;
  private static final int CHUNK_ENTRIES = 1024;

  private final SegmentRaftLog log;
  private final RaftLogConfig config;

  LogPurger(SegmentRaftLog log, RaftLogConfig config) {
    this.log = log;
    this.config = config;
  }

  /** Frees what can be freed; one call at a time does, others return at once. */
  synchronized void purge(LongConsumer laggard) {
    ReentrantLock lock = log.writeLock();
    while (true) {
      Segment oldest;
      long live;
      long used;
      lock.lock();
      try {
        log.requireUsable();
        oldest = log.oldestClosed();
        used = log.usedBytesLocked();
        live = oldest == null ? 0 : oldest.liveBytes();
      } finally {
        lock.unlock();
      }
      if (oldest == null || (live > 0 && used <= config.purgeThresholdBytes())) {
        return;
      }
      boolean movable =
          live <= config.targetFileSizeBytes() / MOVABLE_SHARE
              || used > 2 * config.purgeThresholdBytes();
      if (!movable) {
        nameLaggards(oldest, laggard);
        return;
      }
      moveRemains(oldest);
      lock.lock();
      try {
        log.dropOldest(oldest);
      } finally {
        lock.unlock();
      }
    }
  }

  private void nameLaggards(Segment oldest, LongConsumer laggard) {
    for (GroupIndex group : log.groups().values()) {
      if (group.firstIn(oldest.id, 0) >= 0) {
        laggard.accept(group.groupId);
      }
    }
  }

  private void moveRemains(Segment oldest) {
    LogBatch chunk = new LogBatch();
    for (GroupIndex group : log.groups().values()) {
      boolean more = true;
      while (more) {
        log.writeLock().lock();
        try {
          log.requireUsable();
          more = moveSome(group, oldest, chunk);
        } finally {
          log.writeLock().unlock();
        }
      }
    }
  }

  /** Moves up to a chunk of what one group has in the segment; returns whether there is more. */
  private boolean moveSome(GroupIndex group, Segment oldest, LogBatch chunk) {
    if (log.groups().get(group.groupId) != group) {
      return false;
    }
    if (group.stateIsIn(oldest.id)) {
      byte[] state = group.state();
      if (state != null) {
        chunk.putState(group.groupId, state);
      }
    }
    LogRange range = new LogRange();
    group.copyRangeTo(range);
    long from = group.firstIn(oldest.id, range.first());
    if (from >= 0) {
      long to = from + 1;
      while (to - from < CHUNK_ENTRIES && GroupIndex.segmentOf(group.locationOf(to)) == oldest.id) {
        to++;
      }
      chunk.rewrite(group.groupId, range, from, log.reader().entries(group, from, to, CHUNK_BYTES));
    } else if (group.rangeIsIn(oldest.id)) {
      chunk.rewrite(group.groupId, range, range.first(), List.of());
    }
    if (!chunk.isEmpty()) {
      log.commit(chunk, false);
      chunk.clear();
    }
    return group.firstIn(oldest.id, 0) >= 0;
  }
}
