package io.rutile.engine.rocks;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.handle.UseGate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Snapshot;

/**
 * A RocksDB snapshot. A cursor made from it pins the files and memtables that it reads, so it may
 * outlive the snapshot.
 *
 * <p>To make a cursor costs more than to look at a key with it, so a few of those that are given
 * back wait here for the next user, until the snapshot is closed.
 */
final class RocksSnapshot extends NativeChild implements EngineSnapshot {
  /** Cursors that may wait, of each family. */
  private static final int IDLE_MAX = 4;

  private final AtomicReferenceArray<@Nullable RocksCursor> idle =
      new AtomicReferenceArray<>(Cf.values().length * IDLE_MAX);
  private final Snapshot snapshot;
  private final org.rocksdb.ReadOptions pointReads;

  RocksSnapshot(RocksKvEngine engine, Snapshot snapshot) {
    super(engine, new UseGate("the snapshot", 1));
    this.snapshot = snapshot;
    this.pointReads = new org.rocksdb.ReadOptions().setSnapshot(snapshot);
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    int slot = gate().enter();
    try {
      return engine().read(cf, pointReads, key);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public byte[] @Nullable [] multiGet(Cf cf, List<byte[]> keys) {
    int slot = gate().enter();
    try {
      return engine().readAll(cf, pointReads, keys);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    int slot = gate().enter();
    try {
      return engine().open(cf, lower, upper, options, snapshot);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public EngineIterator nearby(Cf cf) {
    int slot = gate().enter();
    try {
      int first = cf.ordinal() * IDLE_MAX;
      for (int place = first; place < first + IDLE_MAX; place++) {
        RocksCursor waiting = idle.get(place) == null ? null : idle.getAndSet(place, null);
        if (waiting != null) {
          return new LentCursor(this, cf, waiting);
        }
      }
      return new LentCursor(
          this, cf, engine().open(cf, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT, snapshot));
    } finally {
      gate().exit(slot);
    }
  }

  /** Takes back a cursor that nobody uses any more. */
  void giveBack(Cf cf, RocksCursor cursor) {
    if (!keep(cf, cursor)) {
      cursor.close();
    }
  }

  private boolean keep(Cf cf, RocksCursor cursor) {
    int slot = gate().tryEnter();
    if (slot < 0) {
      return false;
    }
    try {
      int first = cf.ordinal() * IDLE_MAX;
      for (int place = first; place < first + IDLE_MAX; place++) {
        if (idle.compareAndSet(place, null, cursor)) {
          return true;
        }
      }
      return false;
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  void free() {
    for (int place = 0; place < idle.length(); place++) {
      RocksCursor waiting = idle.getAndSet(place, null);
      if (waiting != null) {
        waiting.close();
      }
    }
    pointReads.close();
    engine().release(snapshot);
  }
}
