package io.rutile.engine.rocks;

import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.handle.UseGate;
import java.util.List;
import org.rocksdb.AbstractRocksIterator;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksIteratorInterface;
import org.rocksdb.SstFileReaderIterator;

/**
 * A RocksDB iterator behind its gate. Whether it stands on an entry is remembered here: RocksDB
 * does not check, and moving or reading an invalid iterator is undefined there. Used by one thread.
 */
abstract class RocksCursor extends NativeChild implements EngineIterator {
  private final RocksIteratorInterface moves;
  private final AbstractRocksIterator<?> handle;
  private final List<AutoCloseable> with;
  private boolean valid;

  private RocksCursor(
      RocksKvEngine engine, AbstractRocksIterator<?> handle, List<AutoCloseable> with) {
    super(engine, new UseGate("the cursor", 1));
    this.moves = handle;
    this.handle = handle;
    this.with = with;
  }

  /**
   * A cursor over a column family.
   *
   * @param with native options and bounds, freed after the iterator in this order
   */
  static RocksCursor of(RocksKvEngine engine, RocksIterator handle, List<AutoCloseable> with) {
    return new RocksCursor(engine, handle, with) {
      @Override
      byte[] readKey() {
        return handle.key();
      }

      @Override
      byte[] readValue() {
        return handle.value();
      }
    };
  }

  /** A cursor over an SST file. */
  static RocksCursor of(
      RocksKvEngine engine, SstFileReaderIterator handle, List<AutoCloseable> with) {
    return new RocksCursor(engine, handle, with) {
      @Override
      byte[] readKey() {
        return handle.key();
      }

      @Override
      byte[] readValue() {
        return handle.value();
      }
    };
  }

  abstract byte[] readKey();

  abstract byte[] readValue();

  @Override
  public boolean valid() {
    gate().exit(gate().enter());
    return valid;
  }

  @Override
  public boolean seek(byte[] key) {
    int slot = gate().enter();
    try {
      moves.seek(key);
      return settle();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public boolean seekForPrev(byte[] key) {
    int slot = gate().enter();
    try {
      moves.seekForPrev(key);
      return settle();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public boolean seekToFirst() {
    int slot = gate().enter();
    try {
      moves.seekToFirst();
      return settle();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public boolean seekToLast() {
    int slot = gate().enter();
    try {
      moves.seekToLast();
      return settle();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public boolean next() {
    int slot = gate().enter();
    try {
      requireValid();
      moves.next();
      return settle();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public boolean prev() {
    int slot = gate().enter();
    try {
      requireValid();
      moves.prev();
      return settle();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public byte[] key() {
    int slot = gate().enter();
    try {
      requireValid();
      return readKey();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  public byte[] value() {
    int slot = gate().enter();
    try {
      requireValid();
      return readValue();
    } finally {
      gate().exit(slot);
    }
  }

  @Override
  void free() {
    handle.close();
    RocksKvEngine.closeAll(with);
  }

  /** After a move: an iterator that stands on nothing may have met an error. */
  private boolean settle() {
    valid = moves.isValid();
    if (!valid) {
      try {
        moves.status();
      } catch (RocksDBException e) {
        throw RocksErrors.translate(engine().name() + ": a scan failed", e);
      }
    }
    return valid;
  }

  private void requireValid() {
    if (!valid) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "the cursor is not on an entry");
    }
  }
}
