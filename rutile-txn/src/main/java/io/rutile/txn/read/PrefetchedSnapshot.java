package io.rutile.txn.read;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.RegionTxnState;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A region snapshot that knows some values already: those that the reads of one task said they
 * would get, looked up together because that is cheaper. The reads come in the order of the keys,
 * so the next known value is compared with what is asked; whatever else is asked goes to the
 * snapshot. Owned by the thread that runs the task; closing it closes nothing.
 */
final class PrefetchedSnapshot implements RegionSnapshot {
  private final RegionSnapshot snapshot;
  private final Cf cf;
  private final List<byte[]> keys;
  private final byte[] @Nullable [] values;
  private int current;

  PrefetchedSnapshot(RegionSnapshot snapshot, Cf cf, List<byte[]> keys) {
    this.snapshot = snapshot;
    this.cf = cf;
    this.keys = keys;
    this.values = snapshot.multiGet(cf, keys);
  }

  /** The read that comes now said the key of that position. */
  void moveTo(int position) {
    current = position;
  }

  @Override
  public byte @Nullable [] get(Cf family, byte[] key) {
    return family == cf && Arrays.equals(key, keys.get(current))
        ? values[current]
        : snapshot.get(family, key);
  }

  @Override
  public byte[] @Nullable [] multiGet(Cf family, List<byte[]> several) {
    return snapshot.multiGet(family, several);
  }

  @Override
  public EngineIterator iterator(Cf family, byte[] lower, byte[] upper, ReadOptions options) {
    return snapshot.iterator(family, lower, upper, options);
  }

  @Override
  public EngineIterator nearby(Cf family) {
    return snapshot.nearby(family);
  }

  @Override
  public void keep(Cf family, byte[] key, HotRow row) {
    snapshot.keep(family, key, row);
  }

  @Override
  public long regionId() {
    return snapshot.regionId();
  }

  @Override
  public byte[] startKey() {
    return snapshot.startKey();
  }

  @Override
  public byte[] endKey() {
    return snapshot.endKey();
  }

  @Override
  public long term() {
    return snapshot.term();
  }

  @Override
  public long dataVersion() {
    return snapshot.dataVersion();
  }

  @Override
  public boolean maxTsSynced() {
    return snapshot.maxTsSynced();
  }

  @Override
  public RegionTxnState txnState() {
    return snapshot.txnState();
  }

  @Override
  public void close() {
    // The snapshot belongs to the task.
  }
}
