package io.rutile.txn.raw;

import io.rutile.engine.api.Cf;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.txn.gate.Modify;
import org.jspecify.annotations.Nullable;

/**
 * How raw entries are stored; one implementation for each API version. Region bounds are compared
 * with encoded keys. Stateless.
 */
sealed interface RawFormat permits RawFormatV1, RawFormatV1Ttl, RawFormatV2 {
  static RawFormat of(APIVersion version) {
    return switch (version) {
      case V1 -> RawFormatV1.INSTANCE;
      case V1TTL -> RawFormatV1Ttl.INSTANCE;
      case V2 -> RawFormatV2.INSTANCE;
      case V3, UNRECOGNIZED ->
          throw new IllegalArgumentException("no raw format of API version " + version);
    };
  }

  boolean ttlSupported();

  /** Whether each write is a new version of its key, stamped with a causal timestamp. */
  boolean versioned();

  /** The column family that a request's {@code cf} means. */
  Cf family(String name);

  /** The key as regions are bounded by. */
  byte[] encodeKey(byte[] userKey);

  /** The encoded key inside an engine key. */
  byte[] encodedKeyOf(byte[] engineKey);

  byte[] decodeKey(byte[] encodedKey);

  /**
   * @param expireSeconds 0 for never
   * @param timestamp causal timestamp, 0 unless {@link #versioned()}
   */
  Modify put(Cf cf, byte[] userKey, byte[] value, long expireSeconds, long timestamp);

  Modify delete(Cf cf, byte[] userKey, long timestamp);

  /** The value as readers see it at {@code nowSeconds}; null when it is expired or deleted. */
  @Nullable RawValue visible(byte[] stored, long nowSeconds);

  /** When an entry that is written now with {@code ttl} expires; 0 stays 0. */
  static long expireSeconds(long ttl, long nowSeconds) {
    if (ttl == 0) {
      return 0;
    }
    long sum = nowSeconds + ttl;
    return Long.compareUnsigned(sum, nowSeconds) < 0 ? -1L : sum;
  }

  static boolean expired(long expireSeconds, long nowSeconds) {
    return expireSeconds != 0 && Long.compareUnsigned(expireSeconds, nowSeconds) <= 0;
  }

  /** The family of an API V1 request: any that holds data, default when none is named. */
  static Cf familyV1(String name) {
    return switch (name) {
      case "", "default" -> Cf.DEFAULT;
      case "lock" -> Cf.LOCK;
      case "write" -> Cf.WRITE;
      default -> throw RawException.invalidCf(name);
    };
  }
}
