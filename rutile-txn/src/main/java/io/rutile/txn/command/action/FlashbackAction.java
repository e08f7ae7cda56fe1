package io.rutile.txn.command.action;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * Takes keys back to what they were at a version, as a transaction of its own. The first key of the
 * range is locked while that goes on, and committed last.
 */
public final class FlashbackAction {
  private FlashbackAction() {}

  /** The first key at or after {@code from} and before {@code end} that was ever written. */
  public static byte @Nullable [] nextKey(RegionSnapshot snapshot, byte[] from, byte[] end) {
    try (EngineIterator writes = snapshot.iterator(Cf.WRITE, from, end, ReadOptions.DEFAULT)) {
      return writes.seek(from) ? KeyCodec.truncateTimestamp(writes.key()) : null;
    }
  }

  /** Where the keys behind {@code encodedKey} begin. */
  public static byte[] after(byte[] encodedKey) {
    return Bytes.next(KeyCodec.appendTimestamp(encodedKey, 0));
  }

  /** Locks the first key with what it is to become. */
  public static void lockFirst(
      TxnChanges changes, MvccReader reader, byte[] encodedKey, long startTs, long version) {
    VersionedWrite old = valueAt(reader, encodedKey, version);
    LockType type = old == null ? LockType.DELETE : LockType.PUT;
    Lock.Builder lock = Lock.builder(type, KeyCodec.decode(encodedKey), startTs).txnSize(1);
    if (old != null) {
      byte[] value = reader.value(encodedKey, old.write());
      if (value.length <= Lock.SHORT_VALUE_MAX) {
        lock.shortValue(value);
      } else {
        changes.putValue(encodedKey, startTs, value);
      }
    }
    changes.putLock(encodedKey, lock.build());
  }

  /** Writes the old value, or a deletion, above whatever came after the version. */
  public static void rewrite(
      TxnChanges changes,
      MvccReader reader,
      byte[] encodedKey,
      long startTs,
      long commitTs,
      long version) {
    VersionedWrite current = reader.newestChange(encodedKey, TimeStamp.MAX, TimeStamp.MAX);
    if (current == null
        || Long.compareUnsigned(current.commitTs(), version) <= 0
        || current.write().startTs() == startTs) {
      return;
    }
    VersionedWrite old = valueAt(reader, encodedKey, version);
    if (old == null) {
      if (current.write().type() != WriteType.DELETE) {
        changes.putWrite(encodedKey, commitTs, new Write(WriteType.DELETE, startTs, null));
      }
      return;
    }
    byte[] shortValue = old.write().shortValue();
    if (shortValue == null) {
      changes.putValue(encodedKey, startTs, reader.value(encodedKey, old.write()));
    }
    changes.putWrite(encodedKey, commitTs, new Write(WriteType.PUT, startTs, shortValue));
  }

  private static @Nullable VersionedWrite valueAt(
      MvccReader reader, byte[] encodedKey, long version) {
    VersionedWrite change = reader.newestChange(encodedKey, version, version);
    return change != null && change.write().type() == WriteType.PUT ? change : null;
  }
}
