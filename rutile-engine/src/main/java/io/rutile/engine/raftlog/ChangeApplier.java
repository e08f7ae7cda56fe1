package io.rutile.engine.raftlog;

import java.util.Map;
import java.util.function.LongConsumer;

/** Brings the index up to a frame, after it was written and at replay. Owned by the writer. */
final class ChangeApplier implements LogChange.Visitor {
  private final Map<Long, GroupIndex> groups;
  private final GroupIndex.LiveBytes live;
  private final LongConsumer onTrim;
  private long segmentId;
  private int base;

  ChangeApplier(Map<Long, GroupIndex> groups, GroupIndex.LiveBytes live, LongConsumer onTrim) {
    this.groups = groups;
    this.live = live;
    this.onTrim = onTrim;
  }

  /** The next changes are in the frame at that offset of that segment. */
  void at(long segment, int frameOffset) {
    segmentId = segment;
    base = frameOffset;
  }

  @Override
  public void append(long groupId, long firstIndex, int count, byte[] buffer, int entriesOffset) {
    LogChange.Entries entries = new LogChange.Entries(firstIndex, count, entriesOffset);
    group(groupId).append(segmentId, base, entries, buffer, live);
  }

  @Override
  public void state(long groupId, byte[] state) {
    group(groupId).putState(state, segmentId);
  }

  @Override
  public void compact(long groupId, long firstKept) {
    GroupIndex group = groups.get(groupId);
    if (group != null) {
      group.compact(firstKept, live);
    }
  }

  @Override
  public void reset(long groupId, long firstIndex) {
    group(groupId).reset(firstIndex, segmentId, live);
  }

  @Override
  public void remove(long groupId) {
    GroupIndex group = groups.remove(groupId);
    if (group != null) {
      group.remove(live);
    }
  }

  @Override
  public void rewrite(
      long groupId, long first, long last, LogChange.Entries entries, byte[] buffer) {
    GroupIndex.RewrittenRange said = new GroupIndex.RewrittenRange(first, last, entries);
    group(groupId).rewrite(segmentId, base, said, buffer, live);
  }

  @Override
  public void trim(long firstSegmentId) {
    onTrim.accept(firstSegmentId);
  }

  private GroupIndex group(long groupId) {
    return groups.computeIfAbsent(groupId, GroupIndex::new);
  }
}
