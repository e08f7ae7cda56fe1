package io.rutile.engine.raftlog;

import io.rutile.base.error.CorruptionException;
import org.jspecify.annotations.Nullable;

/**
 * Where one group's entries are: twelve bytes for each in two primitive arrays that are used as a
 * ring from {@code first} to {@code last}, so that compaction moves nothing.
 *
 * <p>A location is the segment id in the upper half and the offset of the entry's bytes in the
 * lower; {@value #MISSING} is an entry that a later rewrite must supply, which only a replay sees.
 * Changed by the log's writer, read by anyone: every method is synchronised. Live bytes of segments
 * are booked here, where entries come and go.
 */
final class GroupIndex {
  static final long MISSING = 0;

  /** Books the bytes of live entries of a segment; called by the writer only. */
  interface LiveBytes {
    void add(long segmentId, long delta);
  }

  private static final int INITIAL_SLOTS = 4;
  private static final int SHRINK_ABOVE_SLOTS = 64;
  private static final int MAX_ENTRIES = 1 << 28;

  final long groupId;

  private final LogRange range = new LogRange();
  private long[] locations = new long[INITIAL_SLOTS];
  private int[] lengths = new int[INITIAL_SLOTS];
  private byte @Nullable [] state;
  private long stateSegment;
  private long rangeSegment;

  GroupIndex(long groupId) {
    this.groupId = groupId;
  }

  static long location(long segmentId, int offset) {
    return segmentId << 32 | offset;
  }

  static long segmentOf(long location) {
    return location >>> 32;
  }

  static int offsetOf(long location) {
    return (int) location;
  }

  synchronized long first() {
    return range.first();
  }

  synchronized long last() {
    return range.last();
  }

  synchronized void copyRangeTo(LogRange target) {
    target.copyFrom(range);
  }

  synchronized byte @Nullable [] state() {
    return state;
  }

  synchronized void putState(byte[] newState, long segmentId) {
    state = newState;
    stateSegment = segmentId;
  }

  /** The location of an entry; {@link #MISSING} when the group does not have it. */
  synchronized long locationOf(long index) {
    return range.contains(index) ? locations[slot(index)] : MISSING;
  }

  /**
   * Fills in locations and lengths from {@code low} on, as far as the arrays, the range and {@code
   * maxBytes} allow, but at least one, and returns how many.
   */
  synchronized int locate(long low, long maxBytes, long[] intoLocations, int[] intoLengths) {
    if (!range.contains(low)) {
      return 0;
    }
    int limit = (int) Math.min(intoLocations.length, range.last() - low + 1);
    long bytes = 0;
    for (int i = 0; i < limit; i++) {
      int slot = slot(low + i);
      bytes += lengths[slot];
      if (i > 0 && bytes > maxBytes) {
        return i;
      }
      intoLocations[i] = locations[slot];
      intoLengths[i] = lengths[slot];
    }
    return limit;
  }

  /**
   * Takes entries whose headers are in that segment at {@code base} plus their offset in the
   * buffer. A replay that begins in the middle of a group's life may see entries before the first
   * it knows.
   */
  synchronized void append(
      long segmentId, int base, LogChange.Entries entries, byte[] buffer, LiveBytes live) {
    long firstIndex = entries.firstIndex();
    if (!range.established()) {
      rangeSegment = segmentId;
    } else if (firstIndex < range.first()) {
      forget(range.first(), range.last(), live);
      range.set(firstIndex, firstIndex - 1);
    } else {
      forget(firstIndex, range.last(), live);
    }
    range.append(groupId, firstIndex, entries.count());
    reserve(range.last() - range.first() + 1, range.first(), firstIndex - 1);
    place(segmentId, base, entries, buffer, live);
  }

  synchronized void compact(long firstKept, LiveBytes live) {
    if (range.established() && firstKept > range.first()) {
      forget(range.first(), Math.min(firstKept - 1, range.last()), live);
      range.compact(groupId, firstKept);
    }
  }

  synchronized void reset(long firstIndex, long segmentId, LiveBytes live) {
    forget(range.first(), range.last(), live);
    range.reset(groupId, firstIndex);
    rangeSegment = segmentId;
  }

  synchronized void remove(LiveBytes live) {
    forget(range.first(), range.last(), live);
    range.remove();
  }

  /** Takes the range as said and these entries' new places; other entries stay where they are. */
  synchronized void rewrite(
      long segmentId, int base, RewrittenRange said, byte[] buffer, LiveBytes live) {
    long keptFirst = Math.max(range.first(), said.first());
    long keptLast = Math.min(range.last(), said.last());
    forget(range.first(), Math.min(range.last(), keptFirst - 1), live);
    forget(Math.max(range.first(), keptLast + 1), range.last(), live);
    reserve(said.last() - said.first() + 1, keptFirst, keptLast);
    range.set(said.first(), said.last());
    for (long index = said.first(); index <= said.last(); index++) {
      if (index < keptFirst || index > keptLast) {
        locations[slot(index)] = MISSING;
      }
    }
    LogChange.Entries entries = said.entries();
    forget(entries.firstIndex(), entries.firstIndex() + entries.count() - 1, live);
    place(segmentId, base, entries, buffer, live);
    rangeSegment = segmentId;
  }

  /** What a REWRITE says. */
  record RewrittenRange(long first, long last, LogChange.Entries entries) {}

  synchronized boolean stateIsIn(long segmentId) {
    return state != null && stateSegment == segmentId;
  }

  synchronized boolean rangeIsIn(long segmentId) {
    return range.established() && rangeSegment == segmentId;
  }

  /** The first entry at or after {@code from} in that segment, -1 for none. */
  synchronized long firstIn(long segmentId, long from) {
    for (long index = Math.max(from, range.first()); index <= range.last(); index++) {
      if (segmentOf(locations[slot(index)]) == segmentId) {
        return index;
      }
    }
    return -1;
  }

  /**
   * After a replay: every entry of the range was found.
   *
   * @throws CorruptionException naming the group and the index
   */
  synchronized void requireWhole(String directory) {
    for (long index = range.first(); index <= range.last(); index++) {
      if (locations[slot(index)] == MISSING) {
        throw new CorruptionException(
            SegmentRaftLog.CORRUPTION_CODE,
            directory
                + ": group "
                + groupId
                + " has no entry "
                + index
                + " of "
                + range.first()
                + ".."
                + range.last());
      }
    }
  }

  private void place(
      long segmentId, int base, LogChange.Entries entries, byte[] buffer, LiveBytes live) {
    int at = entries.offset();
    long bytes = 0;
    for (int i = 0; i < entries.count(); i++) {
      int slot = slot(entries.firstIndex() + i);
      int length = LogChange.entryLength(buffer, at);
      locations[slot] = location(segmentId, base + at + LogChange.ENTRY_HEADER_BYTES);
      lengths[slot] = length;
      bytes += length + LogChange.ENTRY_HEADER_BYTES;
      at += LogChange.ENTRY_HEADER_BYTES + length;
    }
    live.add(segmentId, bytes);
  }

  /** Books entries [from, to] out of their segments. */
  private void forget(long from, long to, LiveBytes live) {
    long segmentId = MISSING;
    long bytes = 0;
    for (long index = from; index <= to; index++) {
      int slot = slot(index);
      long owner = segmentOf(locations[slot]);
      if (owner != segmentId) {
        if (bytes > 0) {
          live.add(segmentId, -bytes);
        }
        segmentId = owner;
        bytes = 0;
      }
      if (owner != MISSING) {
        bytes += lengths[slot] + LogChange.ENTRY_HEADER_BYTES;
        locations[slot] = MISSING;
      }
    }
    if (bytes > 0) {
      live.add(segmentId, -bytes);
    }
  }

  private int slot(long index) {
    return (int) (index & (locations.length - 1));
  }

  /** Makes room for that many entries, keeping those of [keptFirst, keptLast]. */
  private void reserve(long count, long keptFirst, long keptLast) {
    int slots = locations.length;
    if (count > slots) {
      if (count > MAX_ENTRIES) {
        throw new CorruptionException(
            SegmentRaftLog.CORRUPTION_CODE, "group " + groupId + " has " + count + " entries");
      }
      resize(Integer.highestOneBit((int) count - 1) << 1, keptFirst, keptLast);
    } else if (slots > SHRINK_ABOVE_SLOTS && count * 8 < slots) {
      resize(slots / 2, keptFirst, keptLast);
    }
  }

  private void resize(int slots, long keptFirst, long keptLast) {
    long[] oldLocations = locations;
    int[] oldLengths = lengths;
    int oldMask = oldLocations.length - 1;
    locations = new long[slots];
    lengths = new int[slots];
    for (long index = keptFirst; index <= keptLast; index++) {
      int old = (int) (index & oldMask);
      int slot = slot(index);
      locations[slot] = oldLocations[old];
      lengths[slot] = oldLengths[old];
    }
  }
}
