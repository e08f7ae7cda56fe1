package io.rutile.store.meta;

import java.nio.ByteBuffer;

/**
 * Keys of the store's own records in the RAFT column family. They start with 0x01, below all data.
 */
public final class LocalKeys {
  private static final byte LOCAL = 0x01;
  private static final byte RAFT_PREFIX = 0x02;
  private static final byte META_PREFIX = 0x03;
  private static final byte APPLY_SUFFIX = 0x03;
  private static final byte STATE_SUFFIX = 0x01;
  private static final int REGION_KEY_LENGTH = 11;

  private LocalKeys() {}

  public static byte[] storeIdent() {
    return new byte[] {LOCAL, 0x01};
  }

  /** The region that this store means to found the cluster with, until it is known to have. */
  public static byte[] prepareBootstrap() {
    return new byte[] {LOCAL, 0x02};
  }

  public static byte[] applyState(long regionId) {
    return regionKey(RAFT_PREFIX, regionId, APPLY_SUFFIX);
  }

  public static byte[] regionState(long regionId) {
    return regionKey(META_PREFIX, regionId, STATE_SUFFIX);
  }

  /** Lower bound of all region state keys. */
  public static byte[] regionStatesStart() {
    return new byte[] {LOCAL, META_PREFIX};
  }

  /** Upper bound, exclusive, of all region state keys. */
  public static byte[] regionStatesEnd() {
    return new byte[] {LOCAL, META_PREFIX + 1};
  }

  /** The region whose state or apply state is stored under that key. */
  public static long regionOf(byte[] key) {
    return ByteBuffer.wrap(key, 2, Long.BYTES).getLong();
  }

  private static byte[] regionKey(byte prefix, long regionId, byte suffix) {
    byte[] key = new byte[REGION_KEY_LENGTH];
    key[0] = LOCAL;
    key[1] = prefix;
    for (int i = 0; i < Long.BYTES; i++) {
      key[2 + i] = (byte) (regionId >>> (56 - 8 * i));
    }
    key[REGION_KEY_LENGTH - 1] = suffix;
    return key;
  }
}
