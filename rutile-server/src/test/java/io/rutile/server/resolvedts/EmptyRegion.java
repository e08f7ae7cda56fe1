package io.rutile.server.resolvedts;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.RegionTxnState;
import org.jspecify.annotations.Nullable;

/** The view of a region in which nothing was ever written. */
record EmptyRegion(EngineSnapshot engine) implements RegionSnapshot {
  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    return null;
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    return engine.iterator(cf, lower, upper, options);
  }

  @Override
  public long regionId() {
    return 9;
  }

  @Override
  public byte[] startKey() {
    return Bytes.EMPTY;
  }

  @Override
  public byte[] endKey() {
    return Bytes.EMPTY;
  }

  @Override
  public long term() {
    return 7;
  }

  @Override
  public long dataVersion() {
    return 42;
  }

  @Override
  public boolean maxTsSynced() {
    return true;
  }

  @Override
  public RegionTxnState txnState() {
    return RegionTxnState.NONE;
  }

  @Override
  public void close() {}
}
