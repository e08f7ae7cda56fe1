package io.rutile.base.codec;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;

/**
 * Memory-comparable byte strings: an encoding whose order is the order of the strings and of which
 * no code is a prefix of another, so that more may be appended (a timestamp) and order is kept.
 *
 * <p>The string is cut into groups of eight bytes, the last one filled up with zeros. Each group is
 * followed by a marker: 0xFF less the number of filled-up bytes. A full group has the marker 0xFF
 * and is always followed by another one. The descending form has every byte inverted.
 *
 * <p>Stateless. Bad input fails with {@link CorruptionException}.
 */
public final class MemComparable {
  private static final int GROUP = 8;
  private static final int STEP = GROUP + 1;
  private static final int FULL = 0xFF;

  private MemComparable() {}

  /** Length of the encoded form of {@code length} bytes. */
  public static int encodedLength(int length) {
    return Math.multiplyExact(length / GROUP + 1, STEP);
  }

  public static byte[] encode(byte[] plain) {
    byte[] out = new byte[encodedLength(plain.length)];
    encode(plain, 0, plain.length, out, 0);
    return out;
  }

  /** Encodes {@code plain[from, from + length)} to {@code out} at {@code at}; returns the end. */
  public static int encode(byte[] plain, int from, int length, byte[] out, int at) {
    int source = from;
    int end = from + length;
    int target = at;
    while (end - source >= GROUP) {
      Numbers.putLong(out, target, Numbers.getLong(plain, source));
      out[target + GROUP] = (byte) FULL;
      source += GROUP;
      target += STEP;
    }
    int rest = end - source;
    Numbers.putLong(out, target, 0);
    System.arraycopy(plain, source, out, target, rest);
    out[target + GROUP] = (byte) (FULL - (GROUP - rest));
    return target + STEP;
  }

  public static byte[] encodeDescending(byte[] plain) {
    byte[] out = encode(plain);
    invert(out, 0, out.length);
    return out;
  }

  /** Decodes a whole array that holds nothing but one encoded string. */
  public static byte[] decode(byte[] encoded) {
    return decode(encoded, 0, encoded.length);
  }

  /** Decodes {@code encoded[from, to)}, which must be exactly one encoded string. */
  public static byte[] decode(byte[] encoded, int from, int to) {
    if (encodedEnd(encoded, from, to) != to) {
      throw bad("bytes follow the last group", from);
    }
    int groups = (to - from) / STEP;
    int padding = FULL - (encoded[to - 1] & 0xFF);
    byte[] out = new byte[groups * GROUP - padding];
    int target = 0;
    for (int at = from; at < to; at += STEP) {
      int count = Math.min(GROUP, out.length - target);
      System.arraycopy(encoded, at, out, target, count);
      target += count;
    }
    return out;
  }

  /** Decodes the whole of a descending form. */
  public static byte[] decodeDescending(byte[] encoded) {
    byte[] ascending = encoded.clone();
    invert(ascending, 0, ascending.length);
    return decode(ascending);
  }

  /**
   * Index after the encoded string that starts at {@code from}, its markers and padding checked.
   *
   * @throws CorruptionException when no whole, well-formed string is there
   */
  public static int encodedEnd(byte[] encoded, int from, int to) {
    int at = from;
    while (to - at >= STEP) {
      int padding = FULL - (encoded[at + GROUP] & 0xFF);
      if (padding == 0) {
        at += STEP;
        continue;
      }
      if (padding > GROUP) {
        throw bad("bad marker byte", at + GROUP);
      }
      long group = Numbers.getLong(encoded, at);
      long padMask = padding == GROUP ? -1L : (1L << (padding * 8)) - 1;
      if ((group & padMask) != 0) {
        throw bad("padding that is not zero", at);
      }
      return at + STEP;
    }
    throw bad("a group is cut short", at);
  }

  private static void invert(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      bytes[i] = (byte) ~bytes[i];
    }
  }

  private static CorruptionException bad(String what, int offset) {
    return new CorruptionException(
        ErrorCodes.CODEC_BAD_PADDING, "memory-comparable bytes: " + what + " at offset " + offset);
  }
}
