package io.rutile.store.rowcache;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.WriteBatch;
import io.rutile.store.meta.DataKeys;
import java.util.Arrays;

/**
 * A write batch that knows the marks of the rows it touches. What was rolled back stays marked,
 * which does no harm. Owned by one thread until it is written.
 */
final class MarkedBatch implements WriteBatch {
  /** A batch with more keys marks everything: it is a bulk load, whose rows nobody has kept. */
  private static final int KEYS_MAX = 1 << 14;

  /** Bytes of the timestamp that ends a key of the write family. */
  private static final int TIMESTAMP_BYTES = 8;

  private static final int INITIAL_KEYS = 64;

  private final WriteBatch batch;
  private int[] touched = new int[INITIAL_KEYS];
  private int count;
  private boolean touchesAll;

  MarkedBatch(WriteBatch batch) {
    this.batch = batch;
  }

  WriteBatch batch() {
    return batch;
  }

  void begin(WriteMarks marks) {
    for (int i = 0; i < count; i++) {
      marks.begin(touched[i]);
    }
    if (touchesAll) {
      marks.beginAll();
    }
  }

  void end(WriteMarks marks) {
    long time = marks.tick();
    for (int i = 0; i < count; i++) {
      marks.end(touched[i], time);
    }
    if (touchesAll) {
      marks.endAll(time);
    }
  }

  private void touch(Cf cf, byte[] key) {
    if (touchesAll || cf == Cf.RAFT || key.length == 0 || key[0] != DataKeys.PREFIX) {
      return;
    }
    if (count == KEYS_MAX) {
      touchesAll = true;
      return;
    }
    if (count == touched.length) {
      touched = Arrays.copyOf(touched, 2 * count);
    }
    // All versions of a key are one row.
    int end = cf == Cf.WRITE ? Math.max(1, key.length - TIMESTAMP_BYTES) : key.length;
    touched[count++] = WriteMarks.indexOf(RowHash.of(key, 1, end));
  }

  @Override
  public void put(Cf cf, byte[] key, byte[] value) {
    batch.put(cf, key, value);
    touch(cf, key);
  }

  @Override
  public void delete(Cf cf, byte[] key) {
    batch.delete(cf, key);
    touch(cf, key);
  }

  @Override
  public void deleteRange(Cf cf, byte[] start, byte[] end) {
    batch.deleteRange(cf, start, end);
    touchesAll |= cf != Cf.RAFT;
  }

  @Override
  public int count() {
    return batch.count();
  }

  @Override
  public long sizeBytes() {
    return batch.sizeBytes();
  }

  @Override
  public void setSavePoint() {
    batch.setSavePoint();
  }

  @Override
  public void rollbackToSavePoint() {
    batch.rollbackToSavePoint();
  }

  @Override
  public void popSavePoint() {
    batch.popSavePoint();
  }

  @Override
  public void clear() {
    batch.clear();
    count = 0;
    touchesAll = false;
  }

  @Override
  public void close() {
    batch.close();
  }
}
