package io.rutile.txn.raw;

import io.rutile.engine.api.Cf;
import io.rutile.txn.gate.Modify;

/** API V1: keys and values are stored as they come. */
final class RawFormatV1 implements RawFormat {
  static final RawFormatV1 INSTANCE = new RawFormatV1();

  private RawFormatV1() {}

  @Override
  public boolean ttlSupported() {
    return false;
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
    return new Modify.Put(cf, userKey, value);
  }

  @Override
  public Modify delete(Cf cf, byte[] userKey, long timestamp) {
    return new Modify.Delete(cf, userKey);
  }

  @Override
  public RawValue visible(byte[] stored, long nowSeconds) {
    return new RawValue(stored, 0);
  }
}
