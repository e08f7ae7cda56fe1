package io.rutile.engine.memory;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.SstWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Builds a {@link MemorySst} file. Owned by one thread. */
final class MemorySstWriter implements SstWriter {
  private final Path file;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private byte @Nullable [] lastKey;
  private boolean finished;

  MemorySstWriter(Path file) {
    this.file = file;
    writeInt(MemorySst.MAGIC);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    begin(key, value.length);
    out.writeBytes(value);
  }

  @Override
  public void delete(byte[] key) {
    begin(key, MemorySst.DELETION);
  }

  @Override
  public long finish() {
    requireUnfinished();
    finished = true;
    if (lastKey == null) {
      return 0;
    }
    byte[] body = out.toByteArray();
    writeInt(MemorySst.crc(body, body.length));
    try {
      Files.write(file, out.toByteArray());
    } catch (IOException e) {
      throw new EngineException(EngineException.Kind.IO, file + ": " + e.getMessage(), e);
    }
    return out.size();
  }

  @Override
  public void close() {
    finished = true;
  }

  private void begin(byte[] key, int valueBytes) {
    requireUnfinished();
    if (lastKey != null && Bytes.compare(key, lastKey) <= 0) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT,
          file + ": key " + Bytes.hex(key) + " does not come after " + Bytes.hex(lastKey));
    }
    lastKey = key;
    writeInt(key.length);
    writeInt(valueBytes);
    out.writeBytes(key);
  }

  private void writeInt(int value) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
  }

  private void requireUnfinished() {
    if (finished) {
      throw new EngineException(EngineException.Kind.CLOSED, file + " is finished");
    }
  }
}
