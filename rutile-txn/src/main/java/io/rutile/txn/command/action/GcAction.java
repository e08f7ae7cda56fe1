package io.rutile.txn.command.action;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineReader;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.record.WriteRef;
import io.rutile.txn.record.WriteType;

/**
 * Collects the versions of one key that no reader at or above the safe point can see: everything
 * older than the newest Put or Delete at or below it, Lock and Rollback records at or below it, and
 * that Delete itself once nothing older is left for it to hide.
 */
public final class GcAction {
  /**
   * How far a collection got.
   *
   * @param scanned records read
   * @param deleted records removed
   * @param complete false when it stopped because of its size and is to be repeated
   */
  public record Progress(long scanned, long deleted, boolean complete) {}

  private GcAction() {}

  /**
   * Adds the removals to {@code changes}, up to about {@code maxBytes} in all.
   *
   * @param reader a region snapshot
   */
  public static Progress collect(
      TxnChanges changes, EngineReader reader, byte[] encodedKey, long safePoint, long maxBytes) {
    byte[] lower = KeyCodec.appendTimestamp(encodedKey, safePoint);
    byte[] upper = Bytes.next(KeyCodec.appendTimestamp(encodedKey, 0));
    WriteRef write = new WriteRef();
    long scanned = 0;
    long deleted = 0;
    boolean changeSeen = false;
    long newestDelete = 0;
    try (EngineIterator writes = reader.iterator(Cf.WRITE, lower, upper, ReadOptions.DEFAULT)) {
      for (boolean valid = writes.seek(lower); valid; valid = writes.next()) {
        if (changes.sizeBytes() >= maxBytes) {
          return new Progress(scanned, deleted, false);
        }
        scanned++;
        long commitTs = KeyCodec.timestamp(writes.key());
        write.parse(writes.value());
        if (!changeSeen && write.type().changesValue()) {
          changeSeen = true;
          newestDelete = write.type() == WriteType.DELETE ? commitTs : 0;
          continue;
        }
        deleted++;
        remove(changes, encodedKey, commitTs, write);
      }
    }
    if (newestDelete != 0) {
      deleted++;
      changes.deleteWrite(encodedKey, newestDelete);
    }
    return new Progress(scanned, deleted, true);
  }

  private static void remove(TxnChanges changes, byte[] encodedKey, long commitTs, WriteRef write) {
    changes.deleteWrite(encodedKey, commitTs);
    if (write.type() == WriteType.PUT && !write.hasShortValue()) {
      changes.deleteValue(encodedKey, write.startTs());
    }
  }
}
