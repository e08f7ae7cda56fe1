package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockCodec;
import io.rutile.txn.record.LockRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Lists the locks of a range in key order: those stored, with or without those in memory only. */
public final class LockScanner {
  private LockScanner() {}

  /** Stored locks of [start, end) that {@code filter} takes, at most {@code limit}. */
  public static List<KeyLock> stored(
      RegionSnapshot snapshot,
      byte[] encodedStart,
      byte[] encodedEnd,
      Predicate<LockRecord> filter,
      int limit,
      ReadStatistics statistics) {
    List<KeyLock> found = new ArrayList<>();
    try (EngineIterator iterator =
        snapshot.iterator(Cf.LOCK, encodedStart, encodedEnd, ReadOptions.DEFAULT)) {
      boolean valid = iterator.seek(encodedStart);
      statistics.lock().seek++;
      while (valid && found.size() < limit) {
        LockRecord record = LockCodec.decode(iterator.value());
        if (filter.test(record)) {
          found.add(new KeyLock(iterator.key(), record));
          statistics.lock().processedKeys++;
        }
        valid = iterator.next();
        statistics.lock().next++;
      }
    }
    return found;
  }

  /**
   * Stored and in-memory locks of [start, end) that {@code filter} takes, at most {@code limit}.
   */
  public static List<KeyLock> all(
      RegionSnapshot snapshot,
      byte[] encodedStart,
      byte[] encodedEnd,
      Predicate<LockRecord> filter,
      int limit,
      ReadStatistics statistics) {
    List<KeyLock> inMemory = new ArrayList<>();
    if (limit > 0 && snapshot.txnState() instanceof PessimisticLockTable table) {
      table.scan(
          Bytes.compare(encodedStart, snapshot.startKey()) < 0 ? snapshot.startKey() : encodedStart,
          upper(encodedEnd, snapshot.endKey()),
          (key, lock) -> collect(inMemory, key, lock, filter, limit));
    }
    List<KeyLock> stored = stored(snapshot, encodedStart, encodedEnd, filter, limit, statistics);
    return inMemory.isEmpty() ? stored : merge(inMemory, stored, limit);
  }

  private static boolean collect(
      List<KeyLock> into, byte[] key, Lock lock, Predicate<LockRecord> filter, int limit) {
    if (filter.test(lock)) {
      into.add(new KeyLock(key, lock));
    }
    return into.size() < limit;
  }

  private static byte[] upper(byte[] a, byte[] b) {
    if (a.length == 0 || b.length == 0) {
      return a.length == 0 ? b : a;
    }
    return Bytes.compare(a, b) < 0 ? a : b;
  }

  /** Both lists are in key order; where both have a key, memory holds the current lock. */
  private static List<KeyLock> merge(List<KeyLock> inMemory, List<KeyLock> stored, int limit) {
    List<KeyLock> merged = new ArrayList<>();
    int m = 0;
    int s = 0;
    while (merged.size() < limit && (m < inMemory.size() || s < stored.size())) {
      int order = order(inMemory, m, stored, s);
      merged.add(order <= 0 ? inMemory.get(m) : stored.get(s));
      m += order <= 0 ? 1 : 0;
      s += order >= 0 ? 1 : 0;
    }
    return merged;
  }

  private static int order(List<KeyLock> inMemory, int m, List<KeyLock> stored, int s) {
    if (m == inMemory.size()) {
      return 1;
    }
    if (s == stored.size()) {
      return -1;
    }
    return Bytes.compare(inMemory.get(m).encodedKey(), stored.get(s).encodedKey());
  }
}
