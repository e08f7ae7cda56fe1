package io.rutile.engine.api;

import java.nio.file.Path;
import java.util.List;

/**
 * The data engine of a store: ordered keys in the column families of {@link Cf}. All methods are
 * safe for use by any thread and may block on disk. Failures are thrown as {@link EngineException}.
 *
 * <p>Closing the engine ends its snapshots, cursors and SST readers too: whatever is called on them
 * or on the engine afterwards throws {@link EngineException} of kind CLOSED, except {@code close},
 * which then does nothing.
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

  /**
   * Starts and awaits a flush of the memtables of {@code cf}: what was written to it so far, and in
   * all families before it, is durable when this returns.
   */
  void flush(Cf cf);

  /** Manual compaction of [start, end); empty bounds mean the whole family. */
  void compactRange(Cf cf, byte[] start, byte[] end, boolean bottommost);

  /**
   * Drops whole SST files that lie inside [start, end). Keys in files that overlap the border stay.
   */
  void deleteFilesInRange(Cf cf, byte[] start, byte[] end);

  /** Builds an SST file that {@link #ingest} accepts. */
  SstWriter newSstWriter(Cf cf, Path file);

  /** Opens an SST file made by {@link #newSstWriter} of the same kind of engine. */
  SstReader openSst(Path file);

  /** Adds the files atomically; they are moved, not copied, when {@code move}. */
  void ingest(Cf cf, List<Path> files, boolean move);

  /** Approximate bytes of [start, end) in {@code cf}, memtables included. */
  long approximateSize(Cf cf, byte[] start, byte[] end);

  /** Approximate number of keys of [start, end) in {@code cf}. */
  long approximateKeys(Cf cf, byte[] start, byte[] end);

  EngineStatistics statistics();

  @Override
  void close();
}
