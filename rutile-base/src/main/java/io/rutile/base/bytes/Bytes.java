package io.rutile.base.bytes;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * Helpers for byte-array keys. Keys are ordered by unsigned bytes everywhere in the system. Arrays
 * that cross a method boundary are never changed afterwards by either side.
 */
public final class Bytes {
  /** The empty key: as a lower bound "from the first key", as an upper bound "to the last key". */
  public static final byte[] EMPTY = new byte[0];

  /** Unsigned lexicographic order, the order of keys. */
  public static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Bytes() {}

  public static int compare(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }

  public static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  public static byte[] concat(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  /** The smallest key greater than {@code key}: the key with a zero byte appended. */
  public static byte[] next(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /**
   * The smallest key greater than every key that starts with {@code prefix}; {@link #EMPTY} (no
   * bound) when there is none, that is for a prefix of 0xFF bytes only.
   */
  public static byte[] prefixEnd(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xFF) {
        byte[] end = Arrays.copyOf(prefix, i + 1);
        end[i]++;
        return end;
      }
    }
    return EMPTY;
  }

  /** Upper-case hex without separators, the form of keys in logs and in PD's HTTP API. */
  public static String hex(byte[] key) {
    return HEX.formatHex(key);
  }

  /** Whether {@code key} lies in [start, end), an empty end meaning no upper bound. */
  public static boolean inRange(byte[] key, byte[] start, byte[] end) {
    return compare(key, start) >= 0 && (end.length == 0 || compare(key, end) < 0);
  }
}
