package io.rutile.txn.command.action;

import io.rutile.base.codec.TimeStamp;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * Whether a key has a value now. Unlike a read at a timestamp this takes any fence on a record to
 * mean that the value is gone: the fence tells of a newer version.
 */
final class Existence {
  private Existence() {}

  /** Whether the key has a value, given its newest record that counts, or null. */
  static boolean at(MvccReader reader, byte[] encodedKey, @Nullable VersionedWrite newest) {
    return value(reader, encodedKey, newest) != null;
  }

  /** The Put that gives the key its value, given its newest record that counts, or null. */
  static @Nullable VersionedWrite value(
      MvccReader reader, byte[] encodedKey, @Nullable VersionedWrite newest) {
    if (newest == null || newest.write().type() == WriteType.DELETE) {
      return null;
    }
    VersionedWrite change = reader.newestChange(encodedKey, newest.commitTs(), TimeStamp.MAX);
    return change != null && change.write().type() == WriteType.PUT ? change : null;
  }
}
