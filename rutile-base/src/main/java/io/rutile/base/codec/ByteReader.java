package io.rutile.base.codec;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;
import java.util.Arrays;

/**
 * A cursor over stored bytes. Every read checks the bounds and fails with {@link
 * CorruptionException}, never with anything else, so that a decoder built on it cannot be crashed
 * by its input. Not thread-safe. The array is read in place and must not change meanwhile.
 */
public final class ByteReader {
  private final byte[] bytes;
  private final int limit;
  private int position;

  public ByteReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads {@code bytes[from, to)}. */
  public ByteReader(byte[] bytes, int from, int to) {
    if (from < 0 || to < from || to > bytes.length) {
      throw new IndexOutOfBoundsException(from + ".." + to + " of " + bytes.length);
    }
    this.bytes = bytes;
    this.position = from;
    this.limit = to;
  }

  /** The array below the cursor; positions are indexes into it. */
  public byte[] array() {
    return bytes;
  }

  public int position() {
    return position;
  }

  public int remaining() {
    return limit - position;
  }

  public boolean hasRemaining() {
    return position < limit;
  }

  public byte peek() {
    need(1);
    return bytes[position];
  }

  public byte readByte() {
    need(1);
    return bytes[position++];
  }

  public int readUnsignedByte() {
    return readByte() & 0xFF;
  }

  /** Eight bytes, most significant first. */
  public long readLong() {
    need(Long.BYTES);
    long value = Numbers.getLong(bytes, position);
    position += Long.BYTES;
    return value;
  }

  /** Eight bytes written by {@link ByteWriter#writeLongDescending}. */
  public long readLongDescending() {
    return ~readLong();
  }

  /** A signed number written so that unsigned byte order is numeric order. */
  public long readComparableLong() {
    return readLong() ^ Long.MIN_VALUE;
  }

  /** A double written so that unsigned byte order is numeric order. */
  public double readComparableDouble() {
    return Numbers.comparableToDouble(readLong());
  }

  public int readInt() {
    need(Integer.BYTES);
    int value = Numbers.getInt(bytes, position);
    position += Integer.BYTES;
    return value;
  }

  /** An unsigned LEB128 number of at most ten bytes. */
  public long readVarint() {
    long value = 0;
    int at = position;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= limit) {
        throw ended(1);
      }
      byte b = bytes[at++];
      if (shift == 63 && (b & 0xFF) > 1) {
        break;
      }
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        position = at;
        return value;
      }
    }
    throw new CorruptionException(
        ErrorCodes.CODEC_IO, "a varint at offset " + position + " is longer than 64 bits");
  }

  /** A zig-zag signed LEB128 number. */
  public long readSignedVarint() {
    long raw = readVarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  public byte[] readBytes(int length) {
    if (length < 0 || length > remaining()) {
      throw ended(length);
    }
    byte[] out = Arrays.copyOfRange(bytes, position, position + length);
    position += length;
    return out;
  }

  public byte[] readRemaining() {
    return readBytes(remaining());
  }

  public void skip(int length) {
    if (length < 0 || length > remaining()) {
      throw ended(length);
    }
    position += length;
  }

  /** Bytes preceded by their length as a signed varint ("compact bytes"). */
  public byte[] readCompactBytes() {
    return readBytes(readCompactLength());
  }

  /** The length in front of compact bytes, checked against what is left. */
  public int readCompactLength() {
    long length = readSignedVarint();
    if (length < 0 || length > remaining()) {
      throw ended(length);
    }
    return (int) length;
  }

  /** One memory-comparable byte string. */
  public byte[] readMemComparable() {
    int end = MemComparable.encodedEnd(bytes, position, limit);
    byte[] out = MemComparable.decode(bytes, position, end);
    position = end;
    return out;
  }

  private void need(int length) {
    if (limit - position < length) {
      throw ended(length);
    }
  }

  private CorruptionException ended(long wanted) {
    return new CorruptionException(
        ErrorCodes.CODEC_IO,
        "unexpected end: "
            + wanted
            + " bytes wanted at offset "
            + position
            + ", "
            + remaining()
            + " left");
  }
}
