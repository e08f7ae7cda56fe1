package io.rutile.txn.testing;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.RegionTxnState;
import org.jspecify.annotations.Nullable;

/** A region's view of an engine snapshot: keys without the data prefix, cut to the region. */
record EngineRegionSnapshot(
    EngineSnapshot engine,
    long regionId,
    byte[] startKey,
    byte[] endKey,
    long term,
    long dataVersion,
    boolean maxTsSynced,
    Keeper keeper)
    implements RegionSnapshot {

  /** Takes what reads say about the newest state of rows. */
  interface Keeper {
    void keep(Cf cf, byte[] encodedKey, HotRow row);
  }

  @Override
  public void keep(Cf cf, byte[] encodedKey, HotRow row) {
    keeper.keep(cf, encodedKey, row);
  }

  @Override
  public RegionTxnState txnState() {
    return RegionTxnState.NONE;
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    if (!Bytes.inRange(key, startKey, endKey)) {
      throw RegionErrors.keyNotInRegion(key, regionId, startKey, endKey);
    }
    return engine.get(cf, KeyCodec.dataKey(key));
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    byte[] from = Bytes.compare(lower, startKey) < 0 ? startKey : lower;
    byte[] to =
        upper.length == 0 || (endKey.length > 0 && Bytes.compare(upper, endKey) > 0)
            ? endKey
            : upper;
    return new Unprefixed(
        engine.iterator(cf, KeyCodec.dataKey(from), KeyCodec.dataEndKey(to), options));
  }

  @Override
  public void close() {
    engine.close();
  }

  private record Unprefixed(EngineIterator cursor) implements EngineIterator {
    @Override
    public boolean valid() {
      return cursor.valid();
    }

    @Override
    public boolean seek(byte[] key) {
      return cursor.seek(KeyCodec.dataKey(key));
    }

    @Override
    public boolean seekForPrev(byte[] key) {
      return cursor.seekForPrev(KeyCodec.dataKey(key));
    }

    @Override
    public boolean seekToFirst() {
      return cursor.seekToFirst();
    }

    @Override
    public boolean seekToLast() {
      return cursor.seekToLast();
    }

    @Override
    public boolean next() {
      return cursor.next();
    }

    @Override
    public boolean prev() {
      return cursor.prev();
    }

    @Override
    public byte[] key() {
      return KeyCodec.originKey(cursor.key());
    }

    @Override
    public byte[] value() {
      return cursor.value();
    }

    @Override
    public void close() {
      cursor.close();
    }
  }
}
