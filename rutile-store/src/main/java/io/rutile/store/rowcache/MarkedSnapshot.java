package io.rutile.store.rowcache;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.HotRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A snapshot that offers what was read in it to the row cache. Any thread may use it. */
public final class MarkedSnapshot implements EngineSnapshot {
  private final EngineSnapshot snapshot;
  private final RowCache rows;
  private final long time;

  MarkedSnapshot(EngineSnapshot snapshot, RowCache rows, long time) {
    this.snapshot = snapshot;
    this.rows = rows;
    this.time = time;
  }

  /**
   * This snapshot holds {@code row} under that key, without the data prefix; it is kept for other
   * readers if it is still current and looks worth it. Key and row must not change any more.
   */
  public void keep(Cf cf, byte[] key, HotRow row) {
    rows.offer(time, cf, key, row);
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    return snapshot.get(cf, key);
  }

  @Override
  public byte[] @Nullable [] multiGet(Cf cf, List<byte[]> keys) {
    return snapshot.multiGet(cf, keys);
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    return snapshot.iterator(cf, lower, upper, options);
  }

  @Override
  public EngineIterator nearby(Cf cf) {
    return snapshot.nearby(cf);
  }

  @Override
  public void close() {
    snapshot.close();
  }
}
