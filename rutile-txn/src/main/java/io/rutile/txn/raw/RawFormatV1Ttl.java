package io.rutile.txn.raw;

import io.rutile.base.codec.Numbers;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.txn.gate.Modify;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** API V1 with TTL: each value is followed by its expiry in unix seconds, 8 bytes, 0 for never. */
final class RawFormatV1Ttl implements RawFormat {
  static final RawFormatV1Ttl INSTANCE = new RawFormatV1Ttl();

  private RawFormatV1Ttl() {}

  @Override
  public boolean ttlSupported() {
    return true;
  }

  @Override
  public boolean versioned() {
    return false;
  }

  @Override
  public Cf family(String name) {
    return RawFormat.familyV1(name);
  }

  @Override
  public byte[] encodeKey(byte[] userKey) {
    return userKey;
  }

  @Override
  public byte[] encodedKeyOf(byte[] engineKey) {
    return engineKey;
  }

  @Override
  public byte[] decodeKey(byte[] encodedKey) {
    return encodedKey;
  }

  @Override
  public Modify put(Cf cf, byte[] userKey, byte[] value, long expireSeconds, long timestamp) {
    byte[] stored = Arrays.copyOf(value, value.length + Long.BYTES);
    Numbers.putLong(stored, value.length, expireSeconds);
    return new Modify.Put(cf, userKey, stored);
  }

  @Override
  public Modify delete(Cf cf, byte[] userKey, long timestamp) {
    return new Modify.Delete(cf, userKey);
  }

  @Override
  public @Nullable RawValue visible(byte[] stored, long nowSeconds) {
    long expire = expireSecondsOf(stored);
    return RawFormat.expired(expire, nowSeconds)
        ? null
        : new RawValue(Arrays.copyOf(stored, stored.length - Long.BYTES), expire);
  }

  static long expireSecondsOf(byte[] stored) {
    if (stored.length < Long.BYTES) {
      throw new CorruptionException(
          "KV:Codec:ValueLength", "a raw value with TTL has only " + stored.length + " bytes");
    }
    return Numbers.getLong(stored, stored.length - Long.BYTES);
  }
}
