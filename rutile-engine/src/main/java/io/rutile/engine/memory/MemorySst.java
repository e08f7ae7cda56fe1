package io.rutile.engine.memory;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The memory engine's SST file, read whole: magic, then for each key its length, the value's length
 * (-1 for a deletion) and the bytes, then a CRC32C of all before.
 */
final class MemorySst {
  static final int MAGIC = 0x52544D53;
  static final int DELETION = -1;

  /** A key with its value, or with none for a deletion. */
  record Entry(byte[] key, byte @Nullable [] value) {}

  private final List<Entry> entries;

  private MemorySst(List<Entry> entries) {
    this.entries = entries;
  }

  List<Entry> entries() {
    return entries;
  }

  SortedTree applyTo(SortedTree tree) {
    SortedTree changed = tree;
    for (Entry entry : entries) {
      changed =
          entry.value == null ? changed.remove(entry.key) : changed.put(entry.key, entry.value);
    }
    return changed;
  }

  static MemorySst read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new EngineException(EngineException.Kind.IO, file + ": no such SST file", e);
    } catch (IOException e) {
      throw new EngineException(EngineException.Kind.IO, file + ": " + e.getMessage(), e);
    }
    if (bytes.length < 8 || crc(bytes, bytes.length - 4) != tail(bytes)) {
      throw corrupt(file);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, bytes.length - 4);
    if (in.getInt() != MAGIC) {
      throw corrupt(file);
    }
    List<Entry> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      int keyBytes = in.getInt();
      int valueBytes = in.getInt();
      byte[] key = take(in, keyBytes);
      entries.add(new Entry(key, valueBytes == DELETION ? null : take(in, valueBytes)));
    }
    return new MemorySst(entries);
  }

  static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new EngineException(EngineException.Kind.IO, file + ": " + e.getMessage(), e);
    }
  }

  private static int tail(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getInt(bytes.length - 4);
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (length == 0) {
      return Bytes.EMPTY;
    }
    byte[] taken = new byte[length];
    in.get(taken);
    return taken;
  }

  private static EngineException corrupt(Path file) {
    return new EngineException(
        EngineException.Kind.CORRUPTION, file + ": not an SST file, or damaged");
  }
}
