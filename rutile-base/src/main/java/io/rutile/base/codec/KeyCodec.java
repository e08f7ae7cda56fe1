package io.rutile.base.codec;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;
import java.util.Arrays;

/**
 * Keys as they are stored. A user key {@code K} becomes {@code MCE(K)} in the lock column family
 * and {@code MCE(K)} followed by eight inverted timestamp bytes in the others, so that of one key
 * the newest version comes first. On disk every data key carries the prefix byte {@code 'z'}.
 *
 * <p>Stateless. Bad input fails with {@link CorruptionException}.
 */
public final class KeyCodec {
  /** Prefix of every data key on disk; keys of the store itself begin with 0x01. */
  public static final byte DATA_PREFIX = 'z';

  /** The byte after {@link #DATA_PREFIX}: the end of all data keys. */
  public static final byte DATA_END = 'z' + 1;

  public static final int TIMESTAMP_LENGTH = Long.BYTES;

  private KeyCodec() {}

  /** {@code MCE(userKey)}. */
  public static byte[] encode(byte[] userKey) {
    return MemComparable.encode(userKey);
  }

  /** {@code MCE(userKey)} and the descending timestamp, in one allocation. */
  public static byte[] encode(byte[] userKey, long timestamp) {
    int length = MemComparable.encodedLength(userKey.length);
    byte[] out = new byte[length + TIMESTAMP_LENGTH];
    MemComparable.encode(userKey, 0, userKey.length, out, 0);
    Numbers.putLong(out, length, ~timestamp);
    return out;
  }

  /** The user key of {@code MCE(K)}. */
  public static byte[] decode(byte[] encodedKey) {
    return MemComparable.decode(encodedKey);
  }

  public static byte[] appendTimestamp(byte[] encodedKey, long timestamp) {
    byte[] out = Arrays.copyOf(encodedKey, encodedKey.length + TIMESTAMP_LENGTH);
    Numbers.putLong(out, encodedKey.length, ~timestamp);
    return out;
  }

  /** The timestamp at the end of a versioned key. */
  public static long timestamp(byte[] versionedKey) {
    checkVersioned(versionedKey.length);
    return ~Numbers.getLong(versionedKey, versionedKey.length - TIMESTAMP_LENGTH);
  }

  /** The encoded key without its timestamp. */
  public static byte[] truncateTimestamp(byte[] versionedKey) {
    checkVersioned(versionedKey.length);
    return Arrays.copyOf(versionedKey, versionedKey.length - TIMESTAMP_LENGTH);
  }

  /** Whether {@code versionedKey} is {@code encodedKey} with some timestamp. */
  public static boolean isVersionOf(byte[] versionedKey, byte[] encodedKey) {
    return versionedKey.length == encodedKey.length + TIMESTAMP_LENGTH
        && Arrays.equals(versionedKey, 0, encodedKey.length, encodedKey, 0, encodedKey.length);
  }

  /** The key on disk: {@code 'z'} and the key. */
  public static byte[] dataKey(byte[] key) {
    byte[] out = new byte[key.length + 1];
    out[0] = DATA_PREFIX;
    System.arraycopy(key, 0, out, 1, key.length);
    return out;
  }

  /** An upper bound on disk: that of all data for the empty key, else as {@link #dataKey}. */
  public static byte[] dataEndKey(byte[] key) {
    return key.length == 0 ? new byte[] {DATA_END} : dataKey(key);
  }

  /** The key without its prefix on disk. */
  public static byte[] originKey(byte[] dataKey) {
    if (dataKey.length == 0 || dataKey[0] != DATA_PREFIX) {
      throw new CorruptionException(
          ErrorCodes.CODEC_KEY_LENGTH, "a data key does not begin with 'z'");
    }
    return Arrays.copyOfRange(dataKey, 1, dataKey.length);
  }

  private static void checkVersioned(int length) {
    if (length < TIMESTAMP_LENGTH) {
      throw new CorruptionException(
          ErrorCodes.CODEC_KEY_LENGTH,
          "a key of " + length + " bytes is too short to carry a timestamp");
    }
  }
}
