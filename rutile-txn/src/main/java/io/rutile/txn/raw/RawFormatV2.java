package io.rutile.txn.raw;

import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.Numbers;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.txn.gate.Modify;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * API V2: memory-comparable keys followed by a descending causal timestamp, newest version first;
 * values followed by their expiry (when they have one) and a byte of flags. A deletion is a version
 * of its own.
 */
final class RawFormatV2 implements RawFormat {
  static final RawFormatV2 INSTANCE = new RawFormatV2();

  private static final int FLAG_EXPIRES = 1;
  private static final int FLAG_DELETED = 2;
  private static final int KNOWN_FLAGS = FLAG_EXPIRES | FLAG_DELETED;

  private RawFormatV2() {}

  @Override
  public boolean ttlSupported() {
    return true;
  }

  @Override
  public boolean versioned() {
    return true;
  }

  @Override
  public Cf family(String name) {
    return switch (name) {
      case "" -> Cf.DEFAULT;
      case "default", "lock", "write" -> throw RawException.cfDeprecated(name);
      default -> throw RawException.invalidCf(name);
    };
  }

  @Override
  public byte[] encodeKey(byte[] userKey) {
    return KeyCodec.encode(userKey);
  }

  @Override
  public byte[] encodedKeyOf(byte[] engineKey) {
    return KeyCodec.truncateTimestamp(engineKey);
  }

  @Override
  public byte[] decodeKey(byte[] encodedKey) {
    return KeyCodec.decode(encodedKey);
  }

  @Override
  public Modify put(Cf cf, byte[] userKey, byte[] value, long expireSeconds, long timestamp) {
    boolean expires = expireSeconds != 0;
    byte[] stored = Arrays.copyOf(value, value.length + (expires ? Long.BYTES : 0) + 1);
    if (expires) {
      Numbers.putLong(stored, value.length, expireSeconds);
      stored[stored.length - 1] = FLAG_EXPIRES;
    }
    return new Modify.Put(cf, KeyCodec.encode(userKey, timestamp), stored);
  }

  @Override
  public Modify delete(Cf cf, byte[] userKey, long timestamp) {
    return new Modify.Put(cf, KeyCodec.encode(userKey, timestamp), new byte[] {FLAG_DELETED});
  }

  @Override
  public @Nullable RawValue visible(byte[] stored, long nowSeconds) {
    int flags = stored.length == 0 ? ~KNOWN_FLAGS : stored[stored.length - 1];
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw new CorruptionException(
          "KV:Codec:ValueMeta", "a raw value's flags are unknown: " + flags);
    }
    if ((flags & FLAG_DELETED) != 0) {
      return null;
    }
    int length = stored.length - 1;
    long expire = 0;
    if ((flags & FLAG_EXPIRES) != 0) {
      length -= Long.BYTES;
      if (length < 0) {
        throw new CorruptionException(
            "KV:Codec:ValueLength", "a raw value with TTL has only " + stored.length + " bytes");
      }
      expire = Numbers.getLong(stored, length);
    }
    return RawFormat.expired(expire, nowSeconds)
        ? null
        : new RawValue(Arrays.copyOf(stored, length), expire);
  }
}
