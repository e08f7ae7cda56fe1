package io.rutile.base.codec;

import java.util.Arrays;

/** A growing byte buffer with the encodings of {@link ByteReader}. Not thread-safe. */
public final class ByteWriter {
  private static final int MAX_SIZE = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int size;

  public ByteWriter() {
    this(64);
  }

  public ByteWriter(int capacity) {
    bytes = new byte[capacity];
  }

  public int size() {
    return size;
  }

  /** Forgets what was written and keeps the buffer. */
  public void clear() {
    size = 0;
  }

  public ByteWriter writeByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
    return this;
  }

  /** Eight bytes, most significant first: unsigned numbers keep their order. */
  public ByteWriter writeLong(long value) {
    ensure(Long.BYTES);
    Numbers.putLong(bytes, size, value);
    size += Long.BYTES;
    return this;
  }

  /** The inverted number, so that a larger unsigned number sorts first. */
  public ByteWriter writeLongDescending(long value) {
    return writeLong(~value);
  }

  /** A signed number whose unsigned byte order is its numeric order. */
  public ByteWriter writeComparableLong(long value) {
    return writeLong(value ^ Long.MIN_VALUE);
  }

  /** A double whose unsigned byte order is its numeric order, -0.0 just below 0.0. */
  public ByteWriter writeComparableDouble(double value) {
    return writeLong(Numbers.doubleToComparable(value));
  }

  public ByteWriter writeInt(int value) {
    ensure(Integer.BYTES);
    Numbers.putInt(bytes, size, value);
    size += Integer.BYTES;
    return this;
  }

  /** Unsigned LEB128, one to ten bytes. */
  public ByteWriter writeVarint(long value) {
    ensure(Numbers.MAX_VARINT_BYTES);
    size = Numbers.putVarint(bytes, size, value);
    return this;
  }

  /** Zig-zag signed LEB128. */
  public ByteWriter writeSignedVarint(long value) {
    return writeVarint((value << 1) ^ (value >> 63));
  }

  public ByteWriter write(byte[] source) {
    return write(source, 0, source.length);
  }

  public ByteWriter write(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
    return this;
  }

  /** The length as a signed varint, then the bytes. */
  public ByteWriter writeCompactBytes(byte[] source) {
    writeSignedVarint(source.length);
    return write(source);
  }

  public ByteWriter writeMemComparable(byte[] source) {
    int length = MemComparable.encodedLength(source.length);
    ensure(length);
    MemComparable.encode(source, 0, source.length, bytes, size);
    size += length;
    return this;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** The buffer itself; valid up to {@link #size()} and until the next write. */
  public byte[] array() {
    return bytes;
  }

  private void ensure(int more) {
    if (bytes.length - size >= more) {
      return;
    }
    long wanted = Math.max((long) size + more, bytes.length + (bytes.length >> 1) + 16L);
    if ((long) size + more > MAX_SIZE) {
      throw new IllegalStateException("a buffer cannot hold " + ((long) size + more) + " bytes");
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MAX_SIZE));
  }
}
