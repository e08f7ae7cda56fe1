package io.rutile.store.peer;

import io.rutile.proto.eraftpb.Entry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The newest durable entries of one region's log, in memory. Owned by: store loop. The bytes of all
 * caches of a store add up in one shared counter; over the limit, whatever is applied goes.
 */
final class EntryCache {
  private static final int MIN_CAPACITY = 16;

  private final AtomicLong totalBytes;
  private @Nullable Entry[] ring = new Entry[MIN_CAPACITY];
  private int head;
  private int size;
  private long firstIndex;
  private long bytes;

  EntryCache(AtomicLong totalBytes) {
    this.totalBytes = totalBytes;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Meaningful only when not empty. */
  long firstIndex() {
    return firstIndex;
  }

  boolean holds(long index) {
    return size > 0 && index >= firstIndex && index < firstIndex + size;
  }

  Entry get(long index) {
    Entry entry = ring[slot((int) (index - firstIndex))];
    if (entry == null) {
      throw new IllegalStateException("entry " + index + " is not cached");
    }
    return entry;
  }

  /** Adds entries at the end, replacing a tail that they overlap. */
  void append(List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    long at = entries.getFirst().getIndex();
    if (size > 0 && (at < firstIndex || at > firstIndex + size)) {
      clear();
    }
    while (size > 0 && firstIndex + size > at) {
      dropLast();
    }
    if (size == 0) {
      firstIndex = at;
    }
    reserve(size + entries.size());
    long added = 0;
    for (Entry entry : entries) {
      ring[slot(size)] = entry;
      size++;
      added += entry.getSerializedSize();
    }
    bytes += added;
    totalBytes.addAndGet(added);
  }

  /** Forgets entries below {@code index}. */
  void evictBelow(long index) {
    long dropped = 0;
    while (size > 0 && firstIndex < index) {
      Entry entry = ring[head];
      dropped += entry == null ? 0 : entry.getSerializedSize();
      ring[head] = null;
      head = head + 1 == ring.length ? 0 : head + 1;
      size--;
      firstIndex++;
    }
    bytes -= dropped;
    totalBytes.addAndGet(-dropped);
    if (size == 0 && ring.length > MIN_CAPACITY) {
      ring = new Entry[MIN_CAPACITY];
      head = 0;
    }
  }

  void clear() {
    totalBytes.addAndGet(-bytes);
    bytes = 0;
    ring = new Entry[MIN_CAPACITY];
    head = 0;
    size = 0;
  }

  private void dropLast() {
    int slot = slot(size - 1);
    Entry entry = ring[slot];
    long dropped = entry == null ? 0 : entry.getSerializedSize();
    ring[slot] = null;
    size--;
    bytes -= dropped;
    totalBytes.addAndGet(-dropped);
  }

  private int slot(int offset) {
    int slot = head + offset;
    return slot >= ring.length ? slot - ring.length : slot;
  }

  private void reserve(int wanted) {
    if (wanted <= ring.length) {
      return;
    }
    int capacity = ring.length;
    while (capacity < wanted) {
      capacity *= 2;
    }
    @Nullable Entry[] larger = new Entry[capacity];
    for (int i = 0; i < size; i++) {
      larger[i] = ring[slot(i)];
    }
    ring = larger;
    head = 0;
  }
}
