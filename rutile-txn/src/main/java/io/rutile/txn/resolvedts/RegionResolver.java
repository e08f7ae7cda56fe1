package io.rutile.txn.resolvedts;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockCodec;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.LockType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Follows the locks of one region during one leadership.
 *
 * <p>From {@link #begin} on it keeps the changes that are applied; then the region's locks are read
 * from a snapshot, the kept changes that are newer are laid over them, and from then on every
 * change is taken in at once. Laying a change over a snapshot that holds it already does no harm: a
 * change sets the state of a key.
 *
 * <p>Only locks that will change a value count: pessimistic ones become others before they commit,
 * and a commit of type Lock shows readers nothing.
 *
 * <p>Safe for use by any thread.
 */
public final class RegionResolver {
  private enum Phase {
    /** Knows nothing. */
    IDLE,
    /** Keeps changes while a snapshot is read. */
    READING,
    READY,
    /** Something in the lock family is no lock. */
    UNREADABLE
  }

  private record Change(long index, Modify modify) {}

  private Phase phase = Phase.IDLE;
  private OpenLocks locks = new OpenLocks();
  private List<Change> kept = new ArrayList<>();
  private long keptBytes;

  /** Changes were applied at {@code index}. Called in the order of the log; never throws. */
  public synchronized void onApplied(long index, List<Modify> modifies) {
    if (phase == Phase.IDLE || phase == Phase.UNREADABLE) {
      return;
    }
    for (Modify modify : modifies) {
      if (cf(modify) != Cf.LOCK) {
        continue;
      }
      if (phase == Phase.READING) {
        kept.add(new Change(index, modify));
        keptBytes += sizeOf(modify);
      } else {
        take(modify);
      }
    }
  }

  /**
   * Somebody is about to take a snapshot and read it.
   *
   * @return false when there is nothing to read: that is being done, or was, or is in vain
   */
  public synchronized boolean begin() {
    if (phase != Phase.IDLE) {
      return false;
    }
    phase = Phase.READING;
    return true;
  }

  /** Forgets everything: the locks have to be read anew. */
  public synchronized void reset() {
    phase = Phase.IDLE;
    clear();
  }

  private void clear() {
    locks = new OpenLocks();
    kept = new ArrayList<>();
    keptBytes = 0;
  }

  /** Reads the locks of a snapshot that was asked for after {@link #begin}. */
  public void read(RegionSnapshot snapshot) {
    List<Modify> found = new ArrayList<>();
    try (EngineIterator rows =
        snapshot.iterator(Cf.LOCK, snapshot.startKey(), snapshot.endKey(), ReadOptions.DEFAULT)) {
      for (boolean valid = rows.seek(snapshot.startKey()); valid; valid = rows.next()) {
        byte[] value = rows.value();
        if (isOpen(value)) {
          found.add(new Modify.Put(Cf.LOCK, rows.key(), value));
        }
      }
    }
    onRead(snapshot.dataVersion(), found);
  }

  private synchronized void onRead(long index, List<Modify> found) {
    if (phase != Phase.READING) {
      return;
    }
    phase = Phase.READY;
    found.forEach(this::take);
    for (Change change : kept) {
      if (change.index() > index) {
        take(change.modify());
      }
    }
    kept = new ArrayList<>();
    keptBytes = 0;
  }

  /** Whether the region's locks have been read. */
  public synchronized boolean isReady() {
    return phase == Phase.READY;
  }

  /**
   * The resolved timestamp: the largest one up to {@code timestamp} at which no open lock can
   * commit; 0 while the locks are not known.
   *
   * @param timestamp every commit that is not applied yet, and has no lock applied either, lies
   *     above it
   */
  public synchronized long resolve(long timestamp) {
    if (phase != Phase.READY) {
      return 0;
    }
    OptionalLong oldest = locks.oldest();
    return oldest.isPresent() && Long.compareUnsigned(oldest.getAsLong(), timestamp) < 0
        ? oldest.getAsLong()
        : timestamp;
  }

  /** Locks that hold the resolved timestamp back or may do so. */
  public synchronized int openLocks() {
    return locks.size();
  }

  /** Approximate memory. */
  public synchronized long bytes() {
    return locks.bytes() + keptBytes;
  }

  private void take(Modify modify) {
    switch (modify) {
      case Modify.Put put -> {
        try {
          long startTs = startTsOf(put.value());
          if (startTs == 0) {
            locks.remove(put.key());
          } else {
            locks.put(put.key(), startTs);
          }
        } catch (CorruptionException e) {
          // Raw data of API V1 may stand in the lock family. Nothing is resolved then.
          phase = Phase.UNREADABLE;
          clear();
        }
      }
      case Modify.Delete delete -> locks.remove(delete.key());
      case Modify.DeleteRange range -> {
        if (!range.notifyOnly()) {
          locks.removeRange(range.start(), range.end());
        }
      }
    }
  }

  /** Whether the record is to be looked at: not a lock that will change nothing. */
  private static boolean isOpen(byte[] record) {
    try {
      return startTsOf(record) != 0;
    } catch (CorruptionException e) {
      return true;
    }
  }

  /** The owner of a lock that will change a value, 0 for other locks. */
  private static long startTsOf(byte[] record) {
    LockRecord decoded = LockCodec.decode(record);
    return decoded instanceof Lock lock
            && (lock.type() == LockType.PUT || lock.type() == LockType.DELETE)
        ? lock.startTs()
        : 0;
  }

  private static Cf cf(Modify modify) {
    return switch (modify) {
      case Modify.Put put -> put.cf();
      case Modify.Delete delete -> delete.cf();
      case Modify.DeleteRange range -> range.cf();
    };
  }

  private static long sizeOf(Modify modify) {
    return switch (modify) {
      case Modify.Put put -> put.key().length + put.value().length;
      case Modify.Delete delete -> delete.key().length;
      case Modify.DeleteRange range -> range.start().length + range.end().length;
    };
  }
}
