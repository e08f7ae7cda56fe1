package io.rutile.store.read;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.rowcache.MarkedSnapshot;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.RegionTxnState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An engine snapshot seen through one region: keys without the data prefix, nothing outside the
 * range. Counts what is read; the sums go to the region's heartbeat when it is closed. Any thread
 * may read; the counts may miss a few reads made by several threads at once.
 */
public final class ClampedSnapshot implements RegionSnapshot {
  private final SharedSnapshots.Shared shared;
  private final RegionHandle handle;
  private final RegionImage image;
  private final long term;
  private final long dataVersion;
  private final boolean maxTsSynced;
  private final RegionTxnState txnState;
  private final long flashbackStartTs;
  private final AtomicBoolean closed = new AtomicBoolean();
  private long readKeys;
  private long readBytes;

  public ClampedSnapshot(
      SharedSnapshots.Shared shared, RegionHandle handle, ReadView view, long dataVersion) {
    this.shared = shared;
    this.handle = handle;
    this.image = view.image();
    this.term = view.term();
    this.dataVersion = dataVersion;
    this.maxTsSynced = view.maxTsSynced();
    this.txnState = view.txnState();
    this.flashbackStartTs = view.flashbackStartTs();
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    if (!image.contains(key)) {
      throw RegionErrors.keyNotInRegion(key, image.id(), image.start(), image.end());
    }
    byte[] value = shared.snapshot().get(cf, DataKeys.of(key));
    readKeys++;
    readBytes += key.length + (value == null ? 0 : value.length);
    return value;
  }

  @Override
  public byte[] @Nullable [] multiGet(Cf cf, List<byte[]> keys) {
    List<byte[]> dataKeys = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      if (!image.contains(key)) {
        throw RegionErrors.keyNotInRegion(key, image.id(), image.start(), image.end());
      }
      dataKeys.add(DataKeys.of(key));
      readBytes += key.length;
    }
    byte[] @Nullable [] values = shared.snapshot().multiGet(cf, dataKeys);
    for (byte @Nullable [] value : values) {
      readBytes += value == null ? 0 : value.length;
    }
    readKeys += values.length;
    return values;
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    byte[] from = Bytes.compare(lower, image.start()) < 0 ? image.start() : lower;
    byte[] to = upper;
    if (image.end().length > 0 && (upper.length == 0 || Bytes.compare(upper, image.end()) > 0)) {
      to = image.end();
    }
    byte[] dataLower = DataKeys.of(from);
    byte[] dataUpper = DataKeys.endOf(to);
    if (Bytes.compare(dataLower, dataUpper) > 0) {
      dataUpper = dataLower;
    }
    return new Cursor(
        shared.snapshot().iterator(cf, dataLower, dataUpper, options), dataLower, dataUpper);
  }

  @Override
  public EngineIterator nearby(Cf cf) {
    byte[] lower = DataKeys.of(image.start());
    return new Cursor(shared.snapshot().nearby(cf), lower, DataKeys.endOf(image.end()));
  }

  @Override
  public void keep(Cf cf, byte[] key, HotRow row) {
    if (shared.snapshot() instanceof MarkedSnapshot marked) {
      marked.keep(cf, key, row);
    }
  }

  @Override
  public long regionId() {
    return image.id();
  }

  @Override
  public byte[] startKey() {
    return image.start();
  }

  @Override
  public byte[] endKey() {
    return image.end();
  }

  @Override
  public long term() {
    return term;
  }

  @Override
  public long dataVersion() {
    return dataVersion;
  }

  @Override
  public boolean maxTsSynced() {
    return maxTsSynced;
  }

  @Override
  public RegionTxnState txnState() {
    return txnState;
  }

  @Override
  public long flashbackStartTs() {
    return flashbackStartTs;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      shared.release();
      if (readKeys > 0) {
        handle.addReads(readKeys, readBytes);
      }
    }
  }

  /** A cursor that shows keys without the data prefix and stays between two data keys. */
  private final class Cursor implements EngineIterator {
    private final EngineIterator inner;
    private final byte[] lower;
    private final byte[] upper;

    Cursor(EngineIterator inner, byte[] lower, byte[] upper) {
      this.inner = inner;
      this.lower = lower;
      this.upper = upper;
    }

    @Override
    public boolean valid() {
      return inner.valid();
    }

    @Override
    public boolean seek(byte[] key) {
      byte[] at = DataKeys.of(key);
      return inner.seek(Bytes.compare(at, lower) < 0 ? lower : at);
    }

    @Override
    public boolean seekForPrev(byte[] key) {
      byte[] at = DataKeys.of(key);
      return Bytes.compare(at, upper) >= 0 ? inner.seekToLast() : inner.seekForPrev(at);
    }

    @Override
    public boolean seekToFirst() {
      return inner.seekToFirst();
    }

    @Override
    public boolean seekToLast() {
      return inner.seekToLast();
    }

    @Override
    public boolean next() {
      return inner.next();
    }

    @Override
    public boolean prev() {
      return inner.prev();
    }

    @Override
    public byte[] key() {
      byte[] key = DataKeys.origin(inner.key());
      readKeys++;
      readBytes += key.length;
      return key;
    }

    @Override
    public byte[] value() {
      byte[] value = inner.value();
      readBytes += value.length;
      return value;
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
