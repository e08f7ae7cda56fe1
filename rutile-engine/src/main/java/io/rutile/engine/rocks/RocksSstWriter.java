package io.rutile.engine.rocks;

import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.SstWriter;
import io.rutile.engine.handle.UseGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/** Writes an SST file with the options of its column family. Owned by one thread. */
final class RocksSstWriter extends NativeChild implements SstWriter {
  private final Path file;
  private final EnvOptions environment = new EnvOptions();
  private final Options options;
  private final SstFileWriter writer;
  private long count;
  private boolean finished;

  RocksSstWriter(RocksKvEngine engine, DBOptions database, ColumnFamilyOptions family, Path file) {
    super(engine, new UseGate("the writer of " + file, 1));
    this.file = file;
    this.options = new Options(database, family);
    this.writer = new SstFileWriter(environment, options);
    try {
      writer.open(file.toString());
    } catch (RocksDBException e) {
      closeNow();
      throw RocksErrors.translate(file.toString(), e);
    }
  }

  @Override
  public void put(byte[] key, byte[] value) {
    int slot = gate().enter();
    try {
      requireUnfinished();
      writer.put(key, value);
      count++;
    } catch (RocksDBException e) {
      throw RocksErrors.translate(file.toString(), e);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public void delete(byte[] key) {
    int slot = gate().enter();
    try {
      requireUnfinished();
      writer.delete(key);
      count++;
    } catch (RocksDBException e) {
      throw RocksErrors.translate(file.toString(), e);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public long finish() {
    int slot = gate().enter();
    try {
      requireUnfinished();
      if (count == 0) {
        return 0;
      }
      writer.finish();
      finished = true;
      return writer.fileSize();
    } catch (RocksDBException e) {
      throw RocksErrors.translate(file.toString(), e);
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  void free() {
    RocksKvEngine.closeAll(List.of(writer, options, environment));
    if (!finished) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new EngineException(EngineException.Kind.IO, file + ": " + e.getMessage(), e);
      }
    }
  }

  private void requireUnfinished() {
    if (finished) {
      throw new EngineException(EngineException.Kind.CLOSED, file + " is finished");
    }
  }
}
