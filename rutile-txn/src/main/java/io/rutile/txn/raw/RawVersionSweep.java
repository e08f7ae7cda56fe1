package io.rutile.txn.raw;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gc.GarbageSweep;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Garbage of raw keys in API V2, where each write is a version: of the versions at or below the
 * safe point only the newest stays, and that one only while it is neither deleted nor expired. It
 * goes last, in the write that removes the rest or in a later one, so that nothing older comes to
 * light.
 */
public final class RawVersionSweep implements GarbageSweep {
  private static final ReadOptions SCAN = ReadOptions.DEFAULT.withFillCache(false);
  private static final byte[] FIRST_RAW_KEY = {'r'};
  private static final byte[] AFTER_RAW_KEYS = {'s'};

  @Override
  public Batch next(RegionSnapshot snapshot, byte[] from, Aim aim) {
    byte[] begin = Bytes.compare(from, FIRST_RAW_KEY) < 0 ? FIRST_RAW_KEY : from;
    byte[] end = snapshot.endKey();
    byte[] bound = end.length == 0 || Bytes.compare(end, AFTER_RAW_KEYS) > 0 ? AFTER_RAW_KEYS : end;
    Run run = new Run(aim);
    if (Bytes.compare(begin, bound) < 0) {
      try (EngineIterator versions = snapshot.iterator(Cf.DEFAULT, begin, bound, SCAN)) {
        run.over(versions, begin);
      }
    }
    return run.batch();
  }

  /** The state of one batch. Owned by one thread. */
  private static final class Run {
    private final Aim aim;
    private final List<Modify> modifies = new ArrayList<>();
    private long bytes;
    private long scanned;
    private int keys;
    private long dueAt = TimeStamp.MAX;
    private byte @Nullable [] next;

    Run(Aim aim) {
      this.aim = aim;
    }

    Batch batch() {
      return new Batch(modifies, bytes, next, scanned, modifies.size(), dueAt);
    }

    void over(EngineIterator versions, byte[] begin) {
      boolean valid = versions.seek(begin);
      while (valid && next == null) {
        byte[] key = KeyCodec.truncateTimestamp(versions.key());
        if (isFull() || !walk(versions, key)) {
          next = key;
        }
        valid = versions.valid();
      }
    }

    private boolean isFull() {
      return keys >= aim.maxKeys() || bytes >= aim.maxBytes() || scanned >= aim.maxScanned();
    }

    /** Goes over the versions of a key; false when the key has to be looked at again. */
    private boolean walk(EngineIterator versions, byte[] key) {
      long newer = 0;
      boolean newestSeen = false;
      byte @Nullable [] dead = null;
      int before = modifies.size();
      boolean valid = true;
      while (valid && KeyCodec.isVersionOf(versions.key(), key)) {
        byte[] at = versions.key();
        long ts = KeyCodec.timestamp(at);
        boolean old = Long.compareUnsigned(ts, aim.safePoint()) <= 0;
        scanned++;
        if (old && newestSeen) {
          if (bytes >= aim.maxBytes()) {
            return false;
          }
          remove(at);
        } else {
          due(newer);
          boolean gone = isGone(versions.value(), ts);
          dead = old && gone ? at : null;
          newestSeen = old;
          newer = ts;
        }
        valid = versions.next();
      }
      if (dead != null) {
        remove(dead);
      }
      keys += modifies.size() > before ? 1 : 0;
      return true;
    }

    /** Whether nobody can read the version any more; otherwise notes when that will be so. */
    private boolean isGone(byte[] stored, long ts) {
      RawValue value = RawFormatV2.INSTANCE.visible(stored, aim.nowSeconds());
      if (value == null) {
        due(ts);
        return true;
      }
      if (value.expireSeconds() != 0) {
        due(Math.max(ts, TimeStamp.compose(TimeUnit.SECONDS.toMillis(value.expireSeconds()), 0)));
      }
      return false;
    }

    private void remove(byte[] versionedKey) {
      modifies.add(new Modify.Delete(Cf.DEFAULT, versionedKey));
      bytes += versionedKey.length;
    }

    private void due(long timestamp) {
      if (Long.compareUnsigned(timestamp, aim.safePoint()) > 0
          && Long.compareUnsigned(timestamp, dueAt) < 0) {
        dueAt = timestamp;
      }
    }
  }
}
