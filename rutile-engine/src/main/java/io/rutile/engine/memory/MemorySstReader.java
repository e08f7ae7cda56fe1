package io.rutile.engine.memory;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.SstReader;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Reads a {@link MemorySst} file, whose checksum is compared at open and on demand. */
final class MemorySstReader implements SstReader {
  private final Path file;
  private final MemorySst sst;
  private final BooleanSupplier engineClosed;
  private volatile boolean closed;

  MemorySstReader(Path file, BooleanSupplier engineClosed) {
    this.file = file;
    this.sst = MemorySst.read(file);
    this.engineClosed = engineClosed;
  }

  @Override
  public EngineIterator iterator() {
    requireOpen();
    SortedTree tree = sst.applyTo(SortedTree.EMPTY);
    return new MemoryIterator(tree, Bytes.EMPTY, Bytes.EMPTY, this::isClosed);
  }

  @Override
  public void verifyChecksum() {
    requireOpen();
    MemorySst.read(file);
  }

  @Override
  public long entryCount() {
    requireOpen();
    return sst.entries().size();
  }

  @Override
  public void close() {
    closed = true;
  }

  private boolean isClosed() {
    return closed || engineClosed.getAsBoolean();
  }

  private void requireOpen() {
    if (isClosed()) {
      throw new EngineException(EngineException.Kind.CLOSED, file + " is closed");
    }
  }
}
