package io.rutile.engine.raftlog;

import io.rutile.engine.api.EngineException;

/**
 * The rules of one group's index range, apart from where its entries are: which change is allowed
 * and what it does to first and last index. Owned by whoever holds it.
 *
 * <p>Invariant: {@code last >= first - 1}. Until a first append or reset the range is not
 * established: the group may begin anywhere.
 */
public final class LogRange {
  private boolean established;
  private long first = 1;
  private long last;

  public boolean established() {
    return established;
  }

  public long first() {
    return first;
  }

  public long last() {
    return last;
  }

  public boolean contains(long index) {
    return index >= first && index <= last;
  }

  /** Takes over the other's range. */
  public void copyFrom(LogRange other) {
    established = other.established;
    first = other.first;
    last = other.last;
  }

  /** Takes entries from {@code firstIndex} on, in place of what was there. */
  public void append(long groupId, long firstIndex, int count) {
    if (!established) {
      if (firstIndex < 1) {
        throw refused(groupId, "append at index " + firstIndex);
      }
      established = true;
      first = firstIndex;
    } else if (firstIndex < first || firstIndex > last + 1) {
      throw refused(
          groupId, "append at index " + firstIndex + " to entries " + first + ".." + last);
    }
    last = firstIndex + count - 1;
  }

  /** Forgets entries below {@code firstKept}; no change when they are forgotten already. */
  public void compact(long groupId, long firstKept) {
    if (!established || firstKept <= first) {
      return;
    }
    if (firstKept > last + 1) {
      throw refused(groupId, "compaction to " + firstKept + " of entries " + first + ".." + last);
    }
    first = firstKept;
  }

  /** Starts anew, without entries, at {@code firstIndex}. */
  public void reset(long groupId, long firstIndex) {
    if (firstIndex < 1) {
      throw refused(groupId, "reset to index " + firstIndex);
    }
    set(firstIndex, firstIndex - 1);
  }

  /** The group is forgotten. */
  public void remove() {
    established = false;
    first = 1;
    last = 0;
  }

  void set(long newFirst, long newLast) {
    established = true;
    first = newFirst;
    last = newLast;
  }

  private static EngineException refused(long groupId, String what) {
    return new EngineException(
        EngineException.Kind.INVALID_ARGUMENT, "raft log of group " + groupId + ": " + what);
  }
}
