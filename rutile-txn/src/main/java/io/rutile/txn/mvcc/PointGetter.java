package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineReader;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockCodec;
import org.jspecify.annotations.Nullable;

/**
 * Reads single keys at one timestamp. For one key the cursor over the write family is confined to
 * that key's versions, so that bloom filters apply; for many keys, which are to be asked for in
 * ascending order, one cursor serves all. Owned by one thread; closed before its snapshot.
 */
public final class PointGetter implements AutoCloseable {
  private final EngineReader reader;
  private final ReadSpec spec;
  private final ReadStatistics statistics;
  private final Versions versions;
  private final boolean manyKeys;
  private @Nullable Cursor cursor;

  private PointGetter(
      EngineReader reader, ReadSpec spec, ReadStatistics statistics, boolean manyKeys) {
    this.reader = reader;
    this.spec = spec;
    this.statistics = statistics;
    this.versions = new Versions(reader, statistics);
    this.manyKeys = manyKeys;
  }

  /** A getter for one key. */
  public static PointGetter single(EngineReader reader, ReadSpec spec, ReadStatistics statistics) {
    return new PointGetter(reader, spec, statistics, false);
  }

  /** A getter for keys in ascending order. */
  public static PointGetter ascending(
      EngineReader reader, ReadSpec spec, ReadStatistics statistics) {
    return new PointGetter(reader, spec, statistics, true);
  }

  /**
   * The value of a key, null when there is none.
   *
   * @throws io.rutile.txn.error.TxnException when a lock or, for reads that check it, a newer
   *     version is in the way
   */
  public @Nullable KvRow get(byte[] encodedKey) {
    if (spec.checksLocks()) {
      byte[] record = reader.get(Cf.LOCK, encodedKey);
      statistics.lock().get++;
      if (record != null
          && LockCodec.decode(record) instanceof Lock lock
          && LockCheck.check(encodedKey, lock, spec) == LockCheck.Verdict.READ_THROUGH) {
        byte[] value = versions.valueOf(encodedKey, lock, false);
        return value == null ? null : new KvRow(encodedKey, value, 0);
      }
    }
    return committed(encodedKey);
  }

  private @Nullable KvRow committed(byte[] encodedKey) {
    Cursor writes = position(encodedKey);
    if (spec.refusesNewerVersions()
        && writes.valid()
        && KeyCodec.isVersionOf(writes.key(), encodedKey)) {
      long newest = KeyCodec.timestamp(writes.key());
      if (Long.compareUnsigned(newest, spec.readTs()) > 0) {
        throw LockCheck.newerVersion(encodedKey, spec, 0, newest);
      }
    }
    long commitTs = versions.walkToChange(writes, encodedKey);
    if (commitTs == 0) {
      return null;
    }
    byte[] value = versions.valueAt(encodedKey, spec.readTs(), false);
    return value == null ? null : new KvRow(encodedKey, value, commitTs);
  }

  private Cursor position(byte[] encodedKey) {
    long from = spec.refusesNewerVersions() ? TimeStamp.MAX : spec.readTs();
    byte[] target = Versions.seekKey(encodedKey, from);
    Cursor writes = cursor;
    if (writes == null || !manyKeys) {
      writes = open(encodedKey, target, writes);
    }
    if (manyKeys) {
      writes.nearSeek(target);
    } else {
      writes.seek(target);
    }
    return writes;
  }

  private Cursor open(byte[] encodedKey, byte[] target, @Nullable Cursor previous) {
    if (previous != null) {
      previous.close();
    }
    ReadOptions options = ReadOptions.DEFAULT.withFillCache(spec.fillCache());
    Cursor opened =
        new Cursor(
            manyKeys
                ? reader.iterator(Cf.WRITE, Bytes.EMPTY, Bytes.EMPTY, options)
                : reader.iterator(
                    Cf.WRITE, target, Bytes.next(Versions.seekKey(encodedKey, 0)), options),
            statistics.write());
    cursor = opened;
    return opened;
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
    }
  }
}
