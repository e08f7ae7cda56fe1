package io.rutile.engine.api;

import java.nio.file.Path;
import java.util.List;

/**
 * The data engine of a store: ordered keys in the column families of {@link Cf}. All methods are
 * safe for use by any thread and may block on disk. Failures are thrown as {@link EngineException}.
 */
public interface KvEngine extends EngineReader, AutoCloseable {
  EngineSnapshot snapshot();

  WriteBatch newWriteBatch();

  /**
   * Applies the batch atomically. With {@code sync} the change is on disk when this returns;
   * without, it survives a crash of the process but not of the machine unless a later sync covers
   * it.
   */
  void write(WriteBatch batch, boolean sync);

  /** Makes everything written so far durable. */
  void syncWal();

  /** Starts and awaits a flush of the memtables of {@code cf}. */
  void flush(Cf cf);

  /** Manual compaction of [start, end); empty bounds mean the whole family. */
  void compactRange(Cf cf, byte[] start, byte[] end, boolean bottommost);

  /**
   * Drops whole SST files that lie inside [start, end). Keys in files that overlap the border stay.
   */
  void deleteFilesInRange(Cf cf, byte[] start, byte[] end);

  /** Builds an SST file that {@link #ingest} accepts. */
  SstWriter newSstWriter(Cf cf, Path file);

  /** Adds the files atomically; they are moved, not copied, when {@code move}. */
  void ingest(Cf cf, List<Path> files, boolean move);

  /** Approximate bytes of [start, end) in {@code cf}, memtables included. */
  long approximateSize(Cf cf, byte[] start, byte[] end);

  /** Approximate number of keys of [start, end) in {@code cf}. */
  long approximateKeys(Cf cf, byte[] start, byte[] end);

  /** Engine statistics by TiKV's metric vocabulary, for example {@code tikv_engine_size_bytes}. */
  EngineStatistics statistics();

  @Override
  void close();
}
