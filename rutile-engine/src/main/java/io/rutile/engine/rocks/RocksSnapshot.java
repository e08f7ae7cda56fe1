package io.rutile.engine.rocks;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.handle.UseGate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Snapshot;

/**
 * A RocksDB snapshot. A cursor made from it pins the files and memtables that it reads, so it may
 * outlive the snapshot.
 */
final class RocksSnapshot extends NativeChild implements EngineSnapshot {
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
  void free() {
    pointReads.close();
    engine().release(snapshot);
  }
}
