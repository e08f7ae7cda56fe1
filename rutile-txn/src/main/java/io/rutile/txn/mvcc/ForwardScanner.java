package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineReader;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockCodec;
import org.jspecify.annotations.Nullable;

/**
 * Scans [lower, upper) upwards: a merge of the lock and the write family by key, of which the write
 * side is almost always the only one with anything in it. On each key the scanner steps a few
 * versions and only then seeks, since most keys have one version. Owned by one thread.
 */
public final class ForwardScanner implements RowScanner {
  private final ReadSpec spec;
  private final boolean keyOnly;
  private final Versions versions;
  private final Cursor writes;
  private final @Nullable Cursor locks;

  public ForwardScanner(
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
    writes.seek(encodedLower);
    if (spec.checksLocks()) {
      Cursor opened =
          new Cursor(
              reader.iterator(Cf.LOCK, encodedLower, encodedUpper, options), statistics.lock());
      opened.seek(encodedLower);
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

  /** Whether the lock's key is not behind that of the write cursor. */
  private boolean lockComesFirst(Cursor lockCursor) {
    return !writes.valid()
        || KeyCodec.isVersionOf(writes.key(), lockCursor.key())
        || Bytes.compare(lockCursor.key(), writes.key()) < 0;
  }

  private @Nullable KvRow atLock(Cursor lockCursor) {
    byte[] key = lockCursor.key();
    byte[] record = lockCursor.value();
    lockCursor.next();
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

  /** Reads the key whose newest version the write cursor is on, and moves on to the next key. */
  private @Nullable KvRow readVersions(byte[] key) {
    if (!descendToReadTs(key)) {
      return null;
    }
    long commitTs = versions.walkToChange(writes, key);
    byte[] value = commitTs == 0 ? null : versions.valueAt(key, spec.readTs(), keyOnly);
    skipVersions(key);
    return value == null ? null : new KvRow(key, value, commitTs);
  }

  /** Whether the key has a version at or below the timestamp; the cursor is on it then. */
  private boolean descendToReadTs(byte[] key) {
    for (int step = 0; step < Cursor.SEEK_BOUND; step++) {
      long timestamp = KeyCodec.timestamp(writes.key());
      if (Long.compareUnsigned(timestamp, spec.readTs()) <= 0) {
        return true;
      }
      if (spec.refusesNewerVersions()) {
        skipVersions(key);
        throw LockCheck.newerVersion(key, spec, 0, timestamp);
      }
      if (!writes.next() || !KeyCodec.isVersionOf(writes.key(), key)) {
        return false;
      }
    }
    return writes.seek(KeyCodec.appendTimestamp(key, spec.readTs()))
        && KeyCodec.isVersionOf(writes.key(), key);
  }

  /** Moves the write cursor behind the versions of {@code key}. */
  private void skipVersions(byte[] key) {
    for (int step = 0; writes.valid() && KeyCodec.isVersionOf(writes.key(), key); step++) {
      if (step == Cursor.SEEK_BOUND) {
        writes.seek(Bytes.next(KeyCodec.appendTimestamp(key, 0)));
      } else {
        writes.next();
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
