package io.rutile.txn.raw;

import io.rutile.base.clock.Clock;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.txn.keymode.ApiVersionGate;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What all raw requests of a store share.
 *
 * @param format of stored entries, that of the gate's API version
 * @param maxKeySize limit of an encoded key in bytes ({@code storage.max-key-size})
 */
record RawSettings(ApiVersionGate gate, RawFormat format, int maxKeySize, Clock clock) {
  static RawSettings of(ApiVersionGate gate, int maxKeySize, Clock clock) {
    return new RawSettings(gate, RawFormat.of(gate.storageVersion()), maxKeySize, clock);
  }

  long nowSeconds() {
    return TimeUnit.MILLISECONDS.toSeconds(clock.wallMillis());
  }

  void checkKeys(String command, APIVersion request, List<byte[]> keys) {
    RawException.check(gate.rawVersion(command, request));
    for (byte[] key : keys) {
      RawException.check(gate.rawKey(command, request, key));
    }
  }

  void checkSize(byte[] userKey) {
    int size = format.encodeKey(userKey).length;
    if (size > maxKeySize) {
      throw RawException.keyTooLarge(size, maxKeySize);
    }
  }

  void checkTtl(long ttl) {
    if (ttl != 0 && !format.ttlSupported()) {
      throw RawException.ttlNotEnabled();
    }
  }
}
