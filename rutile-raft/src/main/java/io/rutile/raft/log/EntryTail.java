package io.rutile.raft.log;

import io.rutile.proto.eraftpb.Entry;
import java.util.Arrays;
import java.util.List;

/**
 * A contiguous run of entries in memory that grows and is cut at its end and shrinks at its
 * beginning. Its place is kept also while it is empty. Slices are copies, so that they stay valid
 * while the run changes.
 */
final class EntryTail {
  private static final Entry[] NONE = new Entry[0];
  private static final int INITIAL_SLOTS = 16;

  /** An emptied run keeps a backing array up to this size, for the next burst. */
  private static final int RETAINED_SLOTS = 256;

  private Entry[] slots = NONE;
  private int head;
  private int size;
  private long firstIndex;

  EntryTail(long firstIndex) {
    this.firstIndex = firstIndex;
  }

  /** Index of the first entry, or of the next one when there is none. */
  long firstIndex() {
    return firstIndex;
  }

  long lastIndex() {
    return firstIndex + size - 1;
  }

  Entry get(long index) {
    return slots[head + (int) (index - firstIndex)];
  }

  void append(Entry entry) {
    if (head + size == slots.length) {
      makeRoom();
    }
    slots[head + size++] = entry;
  }

  private void makeRoom() {
    if (head > size) {
      System.arraycopy(slots, head, slots, 0, size);
      Arrays.fill(slots, size, head + size, null);
    } else {
      Entry[] larger = new Entry[Math.max(INITIAL_SLOTS, 2 * size)];
      System.arraycopy(slots, head, larger, 0, size);
      slots = larger;
    }
    head = 0;
  }

  /** Drops the entries from {@code index} on; below the first index the run moves down there. */
  void truncateFrom(long index) {
    if (index <= firstIndex) {
      reset(index);
      return;
    }
    int keep = (int) (index - firstIndex);
    Arrays.fill(slots, head + keep, head + size, null);
    size = keep;
  }

  /** Drops the entries before {@code index}. */
  void dropBefore(long index) {
    int drop = (int) (index - firstIndex);
    if (drop == size) {
      reset(index);
      return;
    }
    Arrays.fill(slots, head, head + drop, null);
    head += drop;
    size -= drop;
    firstIndex = index;
  }

  /** Becomes empty, at another place. */
  void reset(long newFirstIndex) {
    firstIndex = newFirstIndex;
    Arrays.fill(slots, head, head + size, null);
    head = 0;
    size = 0;
    if (slots.length > RETAINED_SLOTS) {
      slots = NONE;
    }
  }

  /** Entries [low, high), at least one, up to {@code maxBytes}. */
  List<Entry> slice(long low, long high, long maxBytes) {
    int from = head + (int) (low - firstIndex);
    int limit = head + (int) (high - firstIndex);
    int to = from;
    long bytes = 0;
    while (to < limit) {
      bytes += slots[to].getSerializedSize();
      if (bytes > maxBytes && to > from) {
        break;
      }
      to++;
    }
    return Arrays.asList(Arrays.copyOfRange(slots, from, to));
  }
}
