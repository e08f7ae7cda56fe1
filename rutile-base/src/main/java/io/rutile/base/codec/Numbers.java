package io.rutile.base.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Numbers in byte arrays. "Comparable" forms are eight bytes, most significant first, whose
 * unsigned byte order is the numeric order: a signed number has its sign bit flipped; a double has
 * its sign bit set when it is not negative, and all bits inverted when it is.
 */
public final class Numbers {
  /** The longest LEB128 form of a 64-bit number. */
  public static final int MAX_VARINT_BYTES = 10;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private Numbers() {}

  public static long getLong(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  public static void putLong(byte[] bytes, int at, long value) {
    LONG.set(bytes, at, value);
  }

  public static int getInt(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  public static void putInt(byte[] bytes, int at, int value) {
    INT.set(bytes, at, value);
  }

  /** Eight bytes, most significant first. */
  public static byte[] longBytes(long value) {
    byte[] bytes = new byte[Long.BYTES];
    putLong(bytes, 0, value);
    return bytes;
  }

  public static long doubleToComparable(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return bits >= 0 ? bits | Long.MIN_VALUE : ~bits;
  }

  public static double comparableToDouble(long bits) {
    return Double.longBitsToDouble(bits < 0 ? bits & Long.MAX_VALUE : ~bits);
  }

  /** Bytes of the unsigned LEB128 form. */
  public static int varintLength(long value) {
    return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
  }

  /** Writes the unsigned LEB128 form at {@code at}; returns the index after it. */
  public static int putVarint(byte[] bytes, int at, long value) {
    int next = at;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[next++] = (byte) rest;
    return next;
  }
}
