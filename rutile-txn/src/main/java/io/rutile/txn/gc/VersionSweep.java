package io.rutile.txn.gc;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.command.action.GcAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.record.WriteRef;
import io.rutile.txn.record.WriteType;

/**
 * Garbage of transactions: walks over the write family once, and hands the keys that have something
 * to remove to {@link GcAction}. On the way it learns at which safe point each record that stays
 * will be garbage, so that a region that nobody writes to need not be walked over before.
 */
public final class VersionSweep implements GarbageSweep {
  /** Garbage collection must not push what clients read out of the block cache. */
  private static final ReadOptions SCAN = ReadOptions.DEFAULT.withFillCache(false);

  @Override
  public Batch next(RegionSnapshot snapshot, byte[] from, Aim aim) {
    return new Run(snapshot, aim).from(from);
  }

  /** The state of one batch. Owned by one thread. */
  private static final class Run {
    private final RegionSnapshot snapshot;
    private final Aim aim;
    private final TxnChanges changes = new TxnChanges();
    private final WriteRef write = new WriteRef();
    private long scanned;
    private long removed;
    private int keys;
    private long dueAt = TimeStamp.MAX;

    Run(RegionSnapshot snapshot, Aim aim) {
      this.snapshot = snapshot;
      this.aim = aim;
    }

    Batch from(byte[] from) {
      byte[] next = null;
      try (EngineIterator writes = snapshot.iterator(Cf.WRITE, from, snapshot.endKey(), SCAN)) {
        boolean valid = writes.seek(from);
        while (valid) {
          byte[] key = KeyCodec.truncateTimestamp(writes.key());
          if (isFull() || !walk(writes, key)) {
            next = key;
            break;
          }
          valid = writes.valid();
        }
      }
      return new Batch(changes.modifies(), changes.sizeBytes(), next, scanned, removed, dueAt);
    }

    private boolean isFull() {
      return keys >= aim.maxKeys()
          || changes.sizeBytes() >= aim.maxBytes()
          || scanned >= aim.maxScanned();
    }

    /**
     * Goes over the versions of a key, newest first, to behind its last one.
     *
     * @return false when the key has to be looked at again because the batch is full
     */
    private boolean walk(EngineIterator writes, byte[] key) {
      long newerChange = 0;
      boolean kept = false;
      boolean valid = true;
      while (valid) {
        byte[] at = writes.key();
        if (!KeyCodec.isVersionOf(at, key)) {
          return true;
        }
        scanned++;
        long ts = KeyCodec.timestamp(at);
        WriteType type = write.parse(writes.value()).type();
        boolean old = Long.compareUnsigned(ts, aim.safePoint()) <= 0;
        if (old && (kept || type != WriteType.PUT)) {
          boolean complete = collect(key);
          writes.seek(Bytes.next(KeyCodec.appendTimestamp(key, 0)));
          return complete;
        }
        if (type.changesValue()) {
          due(newerChange);
          newerChange = ts;
          kept = old;
        }
        if (type != WriteType.PUT) {
          due(ts);
        }
        valid = writes.next();
      }
      return true;
    }

    private boolean collect(byte[] key) {
      GcAction.Progress progress =
          GcAction.collect(changes, snapshot, key, aim.safePoint(), aim.maxBytes());
      scanned += progress.scanned();
      removed += progress.deleted();
      keys++;
      return progress.complete();
    }

    private void due(long timestamp) {
      if (timestamp != 0 && Long.compareUnsigned(timestamp, dueAt) < 0) {
        dueAt = timestamp;
      }
    }
  }
}
