package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineReader;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockCodec;
import org.jspecify.annotations.Nullable;

/**
 * Scans [lower, upper) downwards. Going down, a key's oldest version comes first, so the scanner
 * walks up the versions and remembers the last change at or below its timestamp; after {@link
 * #VERSION_BOUND} versions it gives up and seeks the one it wants. Owned by one thread.
 */
public final class BackwardScanner implements RowScanner {
  /** Versions of one key to walk over before seeking. */
  private static final int VERSION_BOUND = 16;

  private final ReadSpec spec;
  private final boolean keyOnly;
  private final Versions versions;
  private final Cursor writes;
  private final @Nullable Cursor locks;

  public BackwardScanner(
      EngineReader reader,
      ReadSpec spec,
      byte[] encodedLower,
      byte[] encodedUpper,
      boolean keyOnly,
      ReadStatistics statistics) {
    this.spec = spec;
    this.keyOnly = keyOnly;
    this.versions = new Versions(reader, statistics);
    ReadOptions options = ReadOptions.DEFAULT.withFillCache(spec.fillCache());
    this.writes =
        new Cursor(
            reader.iterator(Cf.WRITE, encodedLower, encodedUpper, options), statistics.write());
    writes.seekToLast();
    if (spec.checksLocks()) {
      Cursor opened =
          new Cursor(
              reader.iterator(Cf.LOCK, encodedLower, encodedUpper, options), statistics.lock());
      opened.seekToLast();
      this.locks = opened;
    } else {
      this.locks = null;
    }
  }

  @Override
  public @Nullable KvRow next() {
    while (true) {
      Cursor lock = locks != null && locks.valid() ? locks : null;
      if (lock == null && !writes.valid()) {
        return null;
      }
      KvRow row =
          lock != null && lockComesFirst(lock)
              ? atLock(lock)
              : readVersions(KeyCodec.truncateTimestamp(writes.key()));
      if (row != null) {
        return row;
      }
    }
  }

  private boolean lockComesFirst(Cursor lockCursor) {
    return !writes.valid()
        || KeyCodec.isVersionOf(writes.key(), lockCursor.key())
        || Bytes.compare(lockCursor.key(), writes.key()) > 0;
  }

  private @Nullable KvRow atLock(Cursor lockCursor) {
    byte[] key = lockCursor.key();
    byte[] record = lockCursor.value();
    lockCursor.prev();
    if (LockCodec.decode(record) instanceof Lock lock) {
      LockCheck.Verdict verdict;
      try {
        verdict = LockCheck.check(key, lock, spec);
      } catch (TxnException blocked) {
        skipVersions(key);
        throw blocked;
      }
      if (verdict == LockCheck.Verdict.READ_THROUGH) {
        skipVersions(key);
        byte[] value = versions.valueOf(key, lock, keyOnly);
        return value == null ? null : new KvRow(key, value, 0);
      }
    }
    boolean hasVersions = writes.valid() && KeyCodec.isVersionOf(writes.key(), key);
    return hasVersions ? readVersions(key) : null;
  }

  /** Reads the key whose oldest version the write cursor is on, and moves on to the next key. */
  private @Nullable KvRow readVersions(byte[] key) {
    long changeTs = 0;
    byte[] change = Bytes.EMPTY;
    for (int seen = 0; seen < VERSION_BOUND; seen++) {
      if (!writes.valid() || !KeyCodec.isVersionOf(writes.key(), key)) {
        return result(key, changeTs, change);
      }
      long timestamp = KeyCodec.timestamp(writes.key());
      if (Long.compareUnsigned(timestamp, spec.readTs()) > 0) {
        skipVersions(key);
        refuseNewer(key, timestamp);
        return result(key, changeTs, change);
      }
      byte[] record = writes.value();
      if (versions.write().parse(record).type().changesValue()) {
        changeTs = timestamp;
        change = record;
      }
      writes.prev();
    }
    return seekVersion(key);
  }

  private @Nullable KvRow result(byte[] key, long commitTs, byte[] record) {
    if (commitTs == 0) {
      return null;
    }
    versions.write().parse(record);
    byte[] value = versions.valueAt(key, spec.readTs(), keyOnly);
    return value == null ? null : new KvRow(key, value, commitTs);
  }

  /** Finds the version from above, for keys with very many. */
  private @Nullable KvRow seekVersion(byte[] key) {
    if (spec.refusesNewerVersions()) {
      writes.seek(KeyCodec.appendTimestamp(key, TimeStamp.MAX));
      long newest = KeyCodec.timestamp(writes.key());
      if (Long.compareUnsigned(newest, spec.readTs()) > 0) {
        writes.seekForPrev(key);
        refuseNewer(key, newest);
      }
    } else {
      writes.seek(KeyCodec.appendTimestamp(key, spec.readTs()));
    }
    long commitTs = versions.walkToChange(writes, key);
    byte[] value = commitTs == 0 ? null : versions.valueAt(key, spec.readTs(), keyOnly);
    writes.seekForPrev(key);
    return value == null ? null : new KvRow(key, value, commitTs);
  }

  private void refuseNewer(byte[] key, long timestamp) {
    if (spec.refusesNewerVersions()) {
      throw LockCheck.newerVersion(key, spec, 0, timestamp);
    }
  }

  /** Moves the write cursor before the versions of {@code key}. */
  private void skipVersions(byte[] key) {
    for (int step = 0; writes.valid() && KeyCodec.isVersionOf(writes.key(), key); step++) {
      if (step == Cursor.SEEK_BOUND) {
        writes.seekForPrev(key);
      } else {
        writes.prev();
      }
    }
  }

  @Override
  public void close() {
    writes.close();
    if (locks != null) {
      locks.close();
    }
  }
}
