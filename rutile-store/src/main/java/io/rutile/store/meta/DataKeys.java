package io.rutile.store.meta;

import java.util.Arrays;

/** User keys as they stand in the engine: with the byte 'z' before them. */
public final class DataKeys {
  public static final byte PREFIX = 'z';
  private static final byte[] MAX = {PREFIX + 1};

  private DataKeys() {}

  public static byte[] of(byte[] key) {
    byte[] dataKey = new byte[key.length + 1];
    dataKey[0] = PREFIX;
    System.arraycopy(key, 0, dataKey, 1, key.length);
    return dataKey;
  }

  /** An exclusive upper bound; the empty key, no bound, becomes the end of all data. */
  public static byte[] endOf(byte[] endKey) {
    return endKey.length == 0 ? MAX.clone() : of(endKey);
  }

  /** The user key of a data key. */
  public static byte[] origin(byte[] dataKey) {
    return Arrays.copyOfRange(dataKey, 1, dataKey.length);
  }
}
