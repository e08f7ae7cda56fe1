package io.rutile.verify.txn;

import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.record.LockCodec;
import io.rutile.txn.record.WriteCodec;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** Records in words. */
final class Records {
  private Records() {}

  static String describe(WriteBatchData data) {
    return data.modifies().stream().map(Records::describe).collect(Collectors.joining(", "));
  }

  private static String describe(Modify modify) {
    return switch (modify) {
      case Modify.Put put -> "put " + key(put.cf(), put.key()) + value(put.cf(), put.value());
      case Modify.Delete delete -> "delete " + key(delete.cf(), delete.key());
      case Modify.DeleteRange range -> "delete all of " + range.cf();
    };
  }

  private static String value(Cf cf, byte[] value) {
    return switch (cf) {
      case LOCK -> " " + LockCodec.decode(value);
      case WRITE -> " " + WriteCodec.decode(value);
      case DEFAULT, RAFT -> "";
    };
  }

  /** An engine key as {@code lock:key} or {@code write:key@timestamp}. */
  private static String key(Cf cf, byte[] key) {
    return cf == Cf.LOCK ? "lock:" + rawKey(key) : cf + ":" + version(key);
  }

  /** The key with its timestamp. */
  static String version(byte[] key) {
    return rawKey(KeyCodec.truncateTimestamp(key)) + "@" + KeyCodec.timestamp(key);
  }

  static String rawKey(byte[] encodedKey) {
    return new String(KeyCodec.decode(encodedKey), StandardCharsets.UTF_8);
  }
}
