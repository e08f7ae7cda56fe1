package io.rutile.engine.raftlog;

import java.util.HashMap;
import java.util.Map;

/**
 * Plays a batch on the ranges of its groups before a byte of it is written, so that one that would
 * leave a gap is refused whole. Owned by the writer.
 */
public final class BatchCheck implements LogChange.Visitor {
  /** The ranges before the batch. */
  public interface Ranges {
    /** Copies the group's range, if the group is known, to {@code target}. */
    void copyRange(long groupId, LogRange target);
  }

  private final Ranges before;
  private final Map<Long, LogRange> ranges = new HashMap<>();

  public BatchCheck(Ranges before) {
    this.before = before;
  }

  /** Throws what {@link LogRange} throws. */
  public void check(LogBatch batch) {
    ranges.clear();
    batch.forEach(this);
  }

  @Override
  public void append(long groupId, long firstIndex, int count, byte[] buffer, int entriesOffset) {
    range(groupId).append(groupId, firstIndex, count);
  }

  @Override
  public void state(long groupId, byte[] state) {
    // Any state is allowed.
  }

  @Override
  public void compact(long groupId, long firstKept) {
    range(groupId).compact(groupId, firstKept);
  }

  @Override
  public void reset(long groupId, long firstIndex) {
    range(groupId).reset(groupId, firstIndex);
  }

  @Override
  public void remove(long groupId) {
    range(groupId).remove();
  }

  private LogRange range(long groupId) {
    LogRange range = ranges.get(groupId);
    if (range == null) {
      range = new LogRange();
      before.copyRange(groupId, range);
      ranges.put(groupId, range);
    }
    return range;
  }
}
