package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockCodec;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteRef;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * The searches that commands make, one key after the other: its lock, its newest records, what
 * became of a transaction on it. One cursor over the write family serves all questions, and asking
 * for an older record of a key goes on from where the last question about it ended.
 *
 * <p>Locks that a region's leader holds in memory only are found first. Owned by one thread; closed
 * before its snapshot.
 */
public final class MvccReader implements AutoCloseable {
  private final RegionSnapshot snapshot;
  private final ReadStatistics statistics;
  private final Versions versions;
  private final WriteRef write = new WriteRef();
  private @Nullable Cursor cursor;
  private byte @Nullable [] cursorKey;

  /** No version of the cursor's key lies above its position and at or below this. */
  private long anchorTs;

  public MvccReader(RegionSnapshot snapshot, ReadStatistics statistics) {
    this.snapshot = snapshot;
    this.statistics = statistics;
    this.versions = new Versions(snapshot, statistics);
  }

  /** The lock on a key, from memory or the lock family, or null. */
  public @Nullable LockRecord loadLock(byte[] encodedKey) {
    if (snapshot.txnState() instanceof PessimisticLockTable table) {
      LockRecord inMemory = table.lock(encodedKey);
      if (inMemory != null) {
        return inMemory;
      }
    }
    byte[] record = snapshot.get(Cf.LOCK, encodedKey);
    statistics.lock().get++;
    return record == null ? null : LockCodec.decode(record);
  }

  /** The newest record of any type at or below a timestamp, or null. */
  public @Nullable VersionedWrite newestWrite(byte[] encodedKey, long timestamp) {
    Cursor writes = seek(encodedKey, timestamp);
    if (!writes.valid() || !KeyCodec.isVersionOf(writes.key(), encodedKey)) {
      return null;
    }
    long commitTs = KeyCodec.timestamp(writes.key());
    statistics.write().processedKeys++;
    return new VersionedWrite(commitTs, write.parse(writes.value()).toWrite());
  }

  /**
   * The newest Put or Delete at or below a timestamp, or null when there is none or it is fenced
   * off from readers at {@code fenceTs}.
   */
  public @Nullable VersionedWrite newestChange(byte[] encodedKey, long timestamp, long fenceTs) {
    Cursor writes = seek(encodedKey, timestamp);
    long commitTs = versions.walkToChange(writes, encodedKey);
    anchorAtPosition(writes, encodedKey);
    if (commitTs == 0 || !versions.write().isUsableAt(fenceTs)) {
      return null;
    }
    statistics.write().processedKeys++;
    return new VersionedWrite(commitTs, versions.write().toWrite());
  }

  /** Whether a reader at {@code timestamp} that minds no lock finds a value. */
  public boolean exists(byte[] encodedKey, long timestamp) {
    VersionedWrite change = newestChange(encodedKey, timestamp, timestamp);
    return change != null && change.write().type() == WriteType.PUT;
  }

  /** The value of a Put, from its record or the default family. */
  public byte[] value(byte[] encodedKey, Write put) {
    byte[] shortValue = put.shortValue();
    return shortValue != null ? shortValue : versions.longValue(encodedKey, put.startTs());
  }

  /** The value that a lock of type PUT will commit. */
  public byte[] value(byte[] encodedKey, Lock put) {
    byte[] shortValue = put.shortValue();
    return shortValue != null ? shortValue : versions.longValue(encodedKey, put.startTs());
  }

  /** What the write family says about the transaction {@code startTs} on a key. */
  public CommitRecord commitRecord(byte[] encodedKey, long startTs) {
    Cursor writes = seek(encodedKey, TimeStamp.MAX);
    long newerChange = 0;
    while (writes.valid() && KeyCodec.isVersionOf(writes.key(), encodedKey)) {
      long commitTs = KeyCodec.timestamp(writes.key());
      if (Long.compareUnsigned(commitTs, startTs) < 0) {
        break;
      }
      write.parse(writes.value());
      if (write.startTs() == startTs) {
        return new CommitRecord.Single(commitTs, write.toWrite());
      }
      if (commitTs == startTs) {
        return write.hasOverlappedRollback()
            ? new CommitRecord.OverlappedRollback()
            : new CommitRecord.None(new CommitRecord.Overlapped(write.toWrite(), newerChange));
      }
      if (write.type().changesValue()) {
        newerChange = commitTs;
      }
      writes.next();
      anchorAtPosition(writes, encodedKey);
    }
    return CommitRecord.NONE;
  }

  /** Whether the write family holds nothing for any key in [first, last]. */
  public boolean isRangeUnwritten(byte[] firstEncoded, byte[] lastEncoded) {
    byte[] upper = Bytes.next(KeyCodec.appendTimestamp(lastEncoded, 0));
    try (EngineIterator iterator =
        snapshot.iterator(Cf.WRITE, firstEncoded, upper, ReadOptions.DEFAULT)) {
      statistics.write().seek++;
      return !iterator.seek(firstEncoded);
    }
  }

  private Cursor seek(byte[] encodedKey, long timestamp) {
    Cursor writes = cursor;
    if (writes == null) {
      writes =
          new Cursor(
              snapshot.iterator(Cf.WRITE, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT),
              statistics.write());
      cursor = writes;
    }
    byte[] target = KeyCodec.appendTimestamp(encodedKey, timestamp);
    byte[] previous = cursorKey;
    if (previous != null
        && Long.compareUnsigned(timestamp, anchorTs) <= 0
        && Bytes.compare(previous, encodedKey) == 0) {
      writes.nearSeek(target);
    } else {
      writes.seek(target);
    }
    cursorKey = encodedKey;
    anchorTs = timestamp;
    return writes;
  }

  private void anchorAtPosition(Cursor writes, byte[] encodedKey) {
    anchorTs =
        writes.valid() && KeyCodec.isVersionOf(writes.key(), encodedKey)
            ? KeyCodec.timestamp(writes.key())
            : 0;
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
    }
  }
}
