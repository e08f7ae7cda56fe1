package io.rutile.engine.rocks;

import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.SstReader;
import io.rutile.engine.handle.UseGate;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/**
 * Reads an SST file that is not part of the database. Its cursors read through its native table, so
 * they end with it.
 */
final class RocksSstReader extends NativeChild implements SstReader {
  private final Path file;
  private final Options options = new Options();
  private final org.rocksdb.ReadOptions reads =
      new org.rocksdb.ReadOptions().setVerifyChecksums(true).setFillCache(false);
  private final SstFileReader reader = new SstFileReader(options);
  private final Set<RocksCursor> cursors = ConcurrentHashMap.newKeySet();

  RocksSstReader(RocksKvEngine engine, Path file) {
    super(engine, new UseGate(file.toString(), 1));
    this.file = file;
    try {
      reader.open(file.toString());
    } catch (RocksDBException e) {
      closeNow();
      throw RocksErrors.translate(file.toString(), e);
    }
  }

  @Override
  public EngineIterator iterator() {
    int slot = gate().enter();
    try {
      SstFileReaderIterator handle = reader.newIterator(reads);
      RocksCursor cursor = engine().adopt(RocksCursor.of(engine(), handle, List.of()));
      cursors.add(cursor);
      return cursor;
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public void verifyChecksum() {
    int slot = gate().enter();
    try {
      reader.verifyChecksum();
    } catch (RocksDBException e) {
      throw RocksErrors.translate(file.toString(), e);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public long entryCount() {
    int slot = gate().enter();
    try {
      return reader.getTableProperties().getNumEntries();
    } catch (RocksDBException e) {
      throw RocksErrors.translate(file.toString(), e);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  void free() {
    cursors.forEach(RocksCursor::close);
    RocksKvEngine.closeAll(List.of(reader, reads, options));
  }
}
