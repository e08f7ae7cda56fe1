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
 * Reads single keys at one timestamp. For one key a cursor over the write family is borrowed for a
 * look at that key's versions; for many keys, which are to be asked for in ascending order, one
 * cursor serves all. Owned by one thread; closed before its snapshot.
 */
public final class PointGetter implements AutoCloseable {
  private final EngineReader reader;
  private final ReadSpec spec;
  private final ReadStatistics statistics;
  private final Versions versions;
  private final boolean manyKeys;
  private @Nullable Cursor cursor;
  private boolean lockFree;
  private boolean newest;

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
    lockFree = false;
    if (spec.checksLocks()) {
      byte[] record = reader.get(Cf.LOCK, encodedKey);
      statistics.lock().get++;
      lockFree = record == null;
      if (record != null
          && LockCodec.decode(record) instanceof Lock lock
          && LockCheck.check(encodedKey, lock, spec) == LockCheck.Verdict.READ_THROUGH) {
        byte[] value = versions.valueOf(encodedKey, lock, false);
        return value == null ? null : new KvRow(encodedKey, value, 0);
      }
    }
    return committed(encodedKey);
  }

  /**
   * Whether the row that was got last is the key's newest version, bears no lock, and is what every
   * later reader finds as long as nothing is written to the key.
   */
  public boolean gotNewest() {
    return lockFree && newest && !versions.write().isFenced();
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

  /**
   * For one key, to its newest version and from there, if that is too new, to where the read
   * begins: nearly always the first is what is read, and then it is known to be the newest.
   */
  private Cursor position(byte[] encodedKey) {
    long from = spec.refusesNewerVersions() ? TimeStamp.MAX : spec.readTs();
    byte[] target = Versions.seekKey(encodedKey, from);
    if (manyKeys) {
      Cursor writes = cursor == null ? open(Bytes.EMPTY, Bytes.EMPTY) : cursor;
      writes.nearSeek(target);
      return writes;
    }
    byte[] first = Versions.newestKey(encodedKey);
    Cursor writes = forOneKey(encodedKey, first);
    writes.seek(first);
    newest =
        writes.valid()
            && Long.compareUnsigned(KeyCodec.timestamp(writes.key()), spec.readTs()) <= 0;
    if (writes.valid() && !newest) {
      writes.nearSeek(target);
    }
    return writes;
  }

  private Cursor forOneKey(byte[] encodedKey, byte[] first) {
    if (cursor != null) {
      cursor.close();
    }
    if (!spec.checksLocks() || !spec.fillCache()) {
      return open(first, Bytes.next(Versions.seekKey(encodedKey, 0)));
    }
    // The look at the lock has told that the key is one that the reader shows.
    Cursor opened = new Cursor(reader.nearby(Cf.WRITE), statistics.write());
    cursor = opened;
    return opened;
  }

  private Cursor open(byte[] lower, byte[] upper) {
    ReadOptions options = ReadOptions.DEFAULT.withFillCache(spec.fillCache());
    Cursor opened =
        new Cursor(reader.iterator(Cf.WRITE, lower, upper, options), statistics.write());
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
