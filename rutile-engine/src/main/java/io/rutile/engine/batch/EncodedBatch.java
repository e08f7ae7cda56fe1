package io.rutile.engine.batch;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.WriteBatch;
import java.util.Arrays;

/**
 * A write batch as one byte array in the form of RocksDB's log records: eight bytes of sequence
 * number (zero until written), four of count, then the operations, each a tag, the family's number
 * where it is not the default one, and length-prefixed keys and values.
 *
 * <p>Why so: a batch then costs one crossing into native code instead of one for each operation, it
 * holds no native memory that could leak or be used after it was freed, and a save point is an
 * offset. The numbers of the families are the ordinals of {@link Cf}; an engine checks at open that
 * they are what its files say.
 *
 * <p>Owned by one thread until it is written.
 */
public final class EncodedBatch implements WriteBatch {
  /** What {@link #forEach} calls for each operation, in order. */
  public interface Visitor {
    void put(Cf cf, byte[] key, byte[] value);

    void delete(Cf cf, byte[] key);

    void deleteRange(Cf cf, byte[] start, byte[] end);
  }

  /** Bytes before the first operation. */
  public static final int HEADER_BYTES = 12;

  /** A cleared batch keeps a buffer of at most this size. */
  private static final int RETAINED_BYTES = 1 << 20;

  private static final int INITIAL_BYTES = 256;
  private static final int COUNT_OFFSET = 8;
  private static final byte DELETE = 0x0;
  private static final byte PUT = 0x1;
  private static final byte FAMILY_DELETE = 0x4;
  private static final byte FAMILY_PUT = 0x5;
  private static final byte FAMILY_DELETE_RANGE = 0xE;
  private static final byte DELETE_RANGE = 0xF;
  private static final Cf[] FAMILIES = Cf.values();

  private byte[] buffer = new byte[INITIAL_BYTES];
  private int size = HEADER_BYTES;
  private int count;
  private int[] savePoints = new int[4];
  private int savePointInts;

  @Override
  public void put(Cf cf, byte[] key, byte[] value) {
    begin(PUT, FAMILY_PUT, cf, (long) key.length + value.length);
    writeBytes(key);
    writeBytes(value);
    count++;
  }

  @Override
  public void delete(Cf cf, byte[] key) {
    begin(DELETE, FAMILY_DELETE, cf, key.length);
    writeBytes(key);
    count++;
  }

  @Override
  public void deleteRange(Cf cf, byte[] start, byte[] end) {
    if (end.length == 0) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "a range deletion must name its end");
    }
    if (Arrays.compareUnsigned(start, end) > 0) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "a range deletion ends before it starts");
    }
    begin(DELETE_RANGE, FAMILY_DELETE_RANGE, cf, (long) start.length + end.length);
    writeBytes(start);
    writeBytes(end);
    count++;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long sizeBytes() {
    return size;
  }

  @Override
  public void setSavePoint() {
    if (savePointInts == savePoints.length) {
      savePoints = Arrays.copyOf(savePoints, savePoints.length * 2);
    }
    savePoints[savePointInts++] = size;
    savePoints[savePointInts++] = count;
  }

  @Override
  public void rollbackToSavePoint() {
    requireSavePoint();
    count = savePoints[--savePointInts];
    size = savePoints[--savePointInts];
  }

  @Override
  public void popSavePoint() {
    requireSavePoint();
    savePointInts -= 2;
  }

  @Override
  public void clear() {
    size = HEADER_BYTES;
    count = 0;
    savePointInts = 0;
    if (buffer.length > RETAINED_BYTES) {
      buffer = new byte[INITIAL_BYTES];
    }
  }

  @Override
  public void close() {
    clear();
  }

  /** A copy of the batch in RocksDB's form. */
  public byte[] encoded() {
    byte[] copy = Arrays.copyOf(buffer, size);
    for (int i = 0; i < 4; i++) {
      copy[COUNT_OFFSET + i] = (byte) (count >>> (8 * i));
    }
    return copy;
  }

  /** Calls the visitor for each operation in the order in which they were added. */
  public void forEach(Visitor visitor) {
    Cursor at = new Cursor(buffer);
    while (at.position < size) {
      byte tag = buffer[at.position++];
      switch (tag) {
        case PUT -> visitor.put(Cf.DEFAULT, at.bytes(), at.bytes());
        case FAMILY_PUT -> visitor.put(FAMILIES[at.varint()], at.bytes(), at.bytes());
        case DELETE -> visitor.delete(Cf.DEFAULT, at.bytes());
        case FAMILY_DELETE -> visitor.delete(FAMILIES[at.varint()], at.bytes());
        case DELETE_RANGE -> visitor.deleteRange(Cf.DEFAULT, at.bytes(), at.bytes());
        case FAMILY_DELETE_RANGE ->
            visitor.deleteRange(FAMILIES[at.varint()], at.bytes(), at.bytes());
        default -> throw new IllegalStateException("tag " + tag + " at " + at.position);
      }
    }
  }

  private void requireSavePoint() {
    if (savePointInts == 0) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "the batch has no save point");
    }
  }

  private void begin(byte defaultTag, byte familyTag, Cf cf, long payloadBytes) {
    reserve(payloadBytes + 12);
    if (cf == Cf.DEFAULT) {
      buffer[size++] = defaultTag;
    } else {
      buffer[size++] = familyTag;
      buffer[size++] = (byte) cf.ordinal();
    }
  }

  private void reserve(long more) {
    long needed = size + more;
    if (needed > buffer.length) {
      if (needed > Integer.MAX_VALUE - 16) {
        throw new EngineException(
            EngineException.Kind.INVALID_ARGUMENT,
            "a write batch cannot hold more than 2 GiB, it has " + size + " bytes");
      }
      long grown = Math.min(Integer.MAX_VALUE - 16, Math.max(needed, buffer.length * 2L));
      buffer = Arrays.copyOf(buffer, (int) grown);
    }
  }

  private void writeBytes(byte[] bytes) {
    int rest = bytes.length;
    while (rest > 0x7F) {
      buffer[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size += bytes.length;
  }

  /** Reads the operations back. */
  private static final class Cursor {
    private final byte[] buffer;
    private int position = HEADER_BYTES;

    Cursor(byte[] buffer) {
      this.buffer = buffer;
    }

    int varint() {
      int value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = buffer[position++];
        value |= (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    byte[] bytes() {
      int length = varint();
      position += length;
      return Arrays.copyOfRange(buffer, position - length, position);
    }
  }
}
