package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineReader;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.WriteRef;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * The walk down the versions of one key, which gets, scans and commands share: the newest usable
 * Put or Delete at or below a timestamp. Owned by one thread, like the cursor it moves.
 */
final class Versions {
  private final EngineReader reader;
  private final ReadStatistics statistics;
  private final WriteRef write = new WriteRef();

  Versions(EngineReader reader, ReadStatistics statistics) {
    this.reader = reader;
    this.statistics = statistics;
  }

  /** The record that the last successful walk ended on. */
  WriteRef write() {
    return write;
  }

  /**
   * Walks down from the cursor's position, a version of {@code encodedKey} or beyond its versions,
   * to the newest Put or Delete. Over long runs of other records it jumps as they tell.
   *
   * @return the commit_ts of the record then in {@link #write()}, or 0 when there is none. The
   *     cursor is left on that record, or behind the key's versions, or where the jump began
   */
  long walkToChange(Cursor cursor, byte[] encodedKey) {
    while (cursor.valid() && KeyCodec.isVersionOf(cursor.key(), encodedKey)) {
      write.parse(cursor.value());
      switch (write.type()) {
        case PUT, DELETE -> {
          return KeyCodec.timestamp(cursor.key());
        }
        case LOCK, ROLLBACK -> {
          if (write.lastChangeTs() == 0 && write.lastChangeVersions() > 0) {
            return 0;
          }
          if (write.lastChangeVersions() >= Cursor.SEEK_BOUND) {
            return jump(encodedKey, write.lastChangeTs());
          }
          cursor.next();
        }
      }
    }
    return 0;
  }

  private long jump(byte[] encodedKey, long commitTs) {
    byte[] engineKey = KeyCodec.appendTimestamp(encodedKey, commitTs);
    byte[] record = reader.get(Cf.WRITE, engineKey);
    statistics.write().get++;
    if (record == null) {
      return 0;
    }
    statistics.write().flowBytes += engineKey.length + record.length;
    write.parse(record);
    return write.type().changesValue() ? commitTs : 0;
  }

  /** The value of the Put in {@link #write()}, or null when a reader at {@code readTs} may not. */
  byte @Nullable [] valueAt(byte[] encodedKey, long readTs, boolean keyOnly) {
    if (write.type() != WriteType.PUT || !write.isUsableAt(readTs)) {
      return null;
    }
    byte[] value = keyOnly ? Bytes.EMPTY : write.shortValue();
    if (value == null) {
      value = longValue(encodedKey, write.startTs());
    } else {
      statistics.write().processedBytes += value.length;
    }
    statistics.write().processedKeys++;
    statistics.write().processedBytes += encodedKey.length;
    return value;
  }

  /** The value that a lock will commit, null for a deletion. */
  byte @Nullable [] valueOf(byte[] encodedKey, Lock lock, boolean keyOnly) {
    if (lock.type() != LockType.PUT) {
      return null;
    }
    statistics.lock().processedKeys++;
    if (keyOnly) {
      return Bytes.EMPTY;
    }
    byte[] value = lock.shortValue();
    return value != null ? value : longValue(encodedKey, lock.startTs());
  }

  /**
   * A value of the default family.
   *
   * @throws io.rutile.txn.error.TxnException DefaultNotFound when it is missing
   */
  byte[] longValue(byte[] encodedKey, long startTs) {
    byte[] value = reader.get(Cf.DEFAULT, KeyCodec.appendTimestamp(encodedKey, startTs));
    statistics.data().get++;
    if (value == null) {
      throw new TxnError.DefaultNotFound(KeyCodec.decode(encodedKey), startTs).exception();
    }
    statistics.data().processedKeys++;
    statistics.data().processedBytes += value.length;
    statistics.data().flowBytes += value.length;
    return value;
  }

  /** The engine key of the newest version at or below {@code timestamp}, to seek to. */
  static byte[] seekKey(byte[] encodedKey, long timestamp) {
    return KeyCodec.appendTimestamp(encodedKey, timestamp);
  }

  /** The engine key before every version of {@code encodedKey}. */
  static byte[] newestKey(byte[] encodedKey) {
    return seekKey(encodedKey, TimeStamp.MAX);
  }
}
