package io.rutile.store.rowcache;

import io.rutile.engine.api.Cf;
import io.rutile.txn.gate.HotRow;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Hot rows by family and key, without the data prefix, in the heap.
 *
 * <p>What for: a point get from RocksDB costs one to four microseconds even when every block is
 * cached, for the way through skip list, index, filter and block; a row found here costs a tenth of
 * that, and no other thread. What it costs: each key that is written marks its row, twice an atomic
 * operation; nothing is looked up or removed on writes.
 *
 * <p>A set of {@value #WAYS} places by hash; a row that comes when all are taken replaces one that
 * was not asked for lately. A row is taken in when it is offered for the second time, as far as a
 * small memory of hashes tells, so that keys read once leave the table alone. Memory is bounded by
 * the number of places, the size of a row, and the sum of all.
 *
 * <p>Finding takes no lock: a tag or an entry that changes meanwhile is a miss, because an entry
 * carries its own key and the marks under which it was read.
 */
public final class RowCache {
  /** Places of a set: their tags share a cache line. */
  private static final int WAYS = 8;

  /** Rows that are longer are not kept: for them copying dominates, not finding. */
  private static final int ROW_BYTES_MAX = 4 << 10;

  /** Heap that a row takes beside its key and value. */
  private static final int ROW_OVERHEAD_BYTES = 96;

  /** What a row is expected to take, which decides the number of places. */
  private static final int ROW_BYTES_EXPECTED = 256;

  private static final int LOCKS = 64;
  private static final int SWEEP_SETS = 8;

  private static final class Entry extends HotRow {
    final Cf cf;
    final byte[] key;
    final long mark;
    final long markOfAll;

    /** Asked for since a newcomer last looked at it. A lost update only makes a choice worse. */
    boolean used;

    Entry(Cf cf, byte[] key, HotRow row, long mark, long markOfAll) {
      super(row.version(), row.value());
      this.cf = cf;
      this.key = key;
      this.mark = mark;
      this.markOfAll = markOfAll;
    }

    int bytes() {
      return key.length + value().length + ROW_OVERHEAD_BYTES;
    }
  }

  private final WriteMarks marks = new WriteMarks();
  private final long capacityBytes;
  private final int setMask;
  private final AtomicLongArray tags;
  private final AtomicReferenceArray<@Nullable Entry> entries;
  private final long[] offeredOnce;
  private final Object[] locks = new Object[LOCKS];
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong sweep = new AtomicLong();

  /**
   * @param capacityBytes heap for rows; what the table itself takes, up to a tenth of that, comes
   *     on top
   */
  public RowCache(long capacityBytes) {
    this.capacityBytes = capacityBytes;
    long rows = Math.clamp(capacityBytes / ROW_BYTES_EXPECTED, WAYS * LOCKS, 1 << 24);
    int sets = Integer.highestOneBit(2 * (int) rows / WAYS - 1);
    this.setMask = sets - 1;
    this.tags = new AtomicLongArray(sets * WAYS);
    this.entries = new AtomicReferenceArray<>(sets * WAYS);
    this.offeredOnce = new long[sets * WAYS];
    Arrays.setAll(locks, i -> new Object());
  }

  /** Heap that kept rows take, in bytes, as far as it is known. */
  public long sizeBytes() {
    return bytes.get();
  }

  WriteMarks marks() {
    return marks;
  }

  /** The row as it is now, or null when it is not at hand. */
  public @Nullable HotRow find(Cf cf, byte[] key) {
    long hash = RowHash.of(key, 0, key.length);
    int first = ((int) hash & setMask) * WAYS;
    for (int place = first; place < first + WAYS; place++) {
      if (tags.getPlain(place) != hash) {
        continue;
      }
      Entry entry = entries.get(place);
      if (entry == null || entry.cf != cf || !Arrays.equals(entry.key, key)) {
        continue;
      }
      if (marks.mark(WriteMarks.indexOf(hash)) != entry.mark
          || marks.markOfAll() != entry.markOfAll) {
        return null;
      }
      if (!entry.used) {
        entry.used = true;
      }
      return entry;
    }
    return null;
  }

  /**
   * Offers what a snapshot holds of a row.
   *
   * @param time what {@link WriteMarks#now} said before the snapshot was taken
   */
  void offer(long time, Cf cf, byte[] key, HotRow row) {
    long hash = RowHash.of(key, 0, key.length);
    long mark = marks.mark(WriteMarks.indexOf(hash));
    long markOfAll = marks.markOfAll();
    if (!WriteMarks.isCurrent(mark, time)
        || !WriteMarks.isCurrent(markOfAll, time)
        || key.length + row.value().length > ROW_BYTES_MAX
        || !offeredBefore(hash)) {
      return;
    }
    int set = (int) hash & setMask;
    synchronized (locks[set & LOCKS - 1]) {
      place(set * WAYS, hash, new Entry(cf, key, row, mark, markOfAll));
    }
    for (int turn = 0; turn < SWEEP_SETS && bytes.get() > capacityBytes; turn++) {
      sweepOne();
    }
  }

  private boolean offeredBefore(long hash) {
    int slot = (int) (hash >>> 8) & offeredOnce.length - 1;
    if (offeredOnce[slot] == hash) {
      return true;
    }
    offeredOnce[slot] = hash;
    return false;
  }

  /** Under the lock of the set that begins at {@code first}. */
  private void place(int first, long hash, Entry entry) {
    int victim = -1;
    for (int place = first; place < first + WAYS; place++) {
      Entry held = entries.getPlain(place);
      if (held != null && held.cf == entry.cf && Arrays.equals(held.key, entry.key)) {
        victim = place;
        break;
      }
      if (held == null) {
        victim = place;
      } else if (victim < 0 && !held.used) {
        victim = place;
      }
    }
    if (victim < 0) {
      for (int place = first; place < first + WAYS; place++) {
        Entry held = entries.getPlain(place);
        if (held != null) {
          held.used = false;
        }
      }
      victim = first + ((int) (hash >>> 40) & WAYS - 1);
    }
    set(victim, hash, entry);
  }

  private void set(int place, long hash, @Nullable Entry entry) {
    Entry replaced = entries.getAndSet(place, entry);
    tags.setRelease(place, hash);
    bytes.addAndGet(
        (entry == null ? 0 : entry.bytes()) - (replaced == null ? 0 : replaced.bytes()));
  }

  /** Drops what was not asked for lately from the next set. */
  private void sweepOne() {
    int set = (int) sweep.getAndIncrement() & setMask;
    synchronized (locks[set & LOCKS - 1]) {
      for (int place = set * WAYS; place < (set + 1) * WAYS; place++) {
        Entry held = entries.getPlain(place);
        if (held == null) {
          continue;
        }
        if (held.used) {
          held.used = false;
        } else {
          set(place, 0, null);
        }
      }
    }
  }
}
