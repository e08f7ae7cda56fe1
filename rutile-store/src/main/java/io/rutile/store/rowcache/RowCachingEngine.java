package io.rutile.store.rowcache;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.EngineStatistics;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.SstReader;
import io.rutile.engine.api.SstWriter;
import io.rutile.engine.api.WriteBatch;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An engine with a {@link RowCache} beside it: every change that goes through here marks the rows
 * it touches, every snapshot that is taken here knows which of its rows are current. So all writers
 * of the data must go through here, whatever they write; compactions that drop what no reader sees
 * need not.
 *
 * <p>Reads pass unchanged. Any thread may use it; it is closed with the engine below.
 */
public final class RowCachingEngine implements KvEngine {
  private final KvEngine engine;
  private final RowCache rows;
  private final WriteMarks marks;

  public RowCachingEngine(KvEngine engine, RowCache rows) {
    this.engine = engine;
    this.rows = rows;
    this.marks = rows.marks();
  }

  public RowCache rows() {
    return rows;
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    return engine.get(cf, key);
  }

  @Override
  public byte[] @Nullable [] multiGet(Cf cf, List<byte[]> keys) {
    return engine.multiGet(cf, keys);
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    return engine.iterator(cf, lower, upper, options);
  }

  @Override
  public EngineSnapshot snapshot() {
    long before = marks.now();
    return new MarkedSnapshot(engine.snapshot(), rows, before);
  }

  @Override
  public WriteBatch newWriteBatch() {
    return new MarkedBatch(engine.newWriteBatch());
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    if (!(batch instanceof MarkedBatch marked)) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "not a batch of this engine");
    }
    marked.begin(marks);
    try {
      engine.write(marked.batch(), sync);
    } finally {
      marked.end(marks);
    }
  }

  @Override
  public void deleteFilesInRange(Cf cf, byte[] start, byte[] end) {
    touchingAll(() -> engine.deleteFilesInRange(cf, start, end));
  }

  @Override
  public void ingest(Cf cf, List<Path> files, boolean move) {
    touchingAll(() -> engine.ingest(cf, files, move));
  }

  private void touchingAll(Runnable change) {
    marks.beginAll();
    try {
      change.run();
    } finally {
      marks.endAll(marks.tick());
    }
  }

  @Override
  public void syncWal() {
    engine.syncWal();
  }

  @Override
  public void flush(Cf cf) {
    engine.flush(cf);
  }

  @Override
  public void compactRange(Cf cf, byte[] start, byte[] end, boolean bottommost) {
    engine.compactRange(cf, start, end, bottommost);
  }

  @Override
  public SstWriter newSstWriter(Cf cf, Path file) {
    return engine.newSstWriter(cf, file);
  }

  @Override
  public SstReader openSst(Path file) {
    return engine.openSst(file);
  }

  @Override
  public long approximateSize(Cf cf, byte[] start, byte[] end) {
    return engine.approximateSize(cf, start, end);
  }

  @Override
  public long approximateKeys(Cf cf, byte[] start, byte[] end) {
    return engine.approximateKeys(cf, start, end);
  }

  @Override
  public EngineStatistics statistics() {
    return engine.statistics();
  }

  @Override
  public void close() {
    engine.close();
  }
}
