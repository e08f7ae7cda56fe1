package io.rutile.txn.deadlock;

import com.google.common.hash.Hashing;

/** The hash by which keys are named in deadlock reports. */
public final class KeyHash {
  private KeyHash() {}

  /** FarmHash Fingerprint64 of the raw key. */
  public static long of(byte[] rawKey) {
    return Hashing.farmHashFingerprint64().hashBytes(rawKey).asLong();
  }
}
