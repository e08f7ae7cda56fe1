package io.rutile.verify.txn;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteCodec;
import io.rutile.txn.record.WriteType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What must hold between the records of the three families once every lock is resolved. */
final class RecordInvariants {
  private RecordInvariants() {}

  static void forEach(RegionSnapshot snapshot, Cf cf, BiConsumer<byte[], byte[]> visitor) {
    try (EngineIterator iterator =
        snapshot.iterator(cf, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      for (boolean valid = iterator.seekToFirst(); valid; valid = iterator.next()) {
        visitor.accept(iterator.key(), iterator.value());
      }
    }
  }

  static List<String> check(SimRegion region) {
    List<String> violations = new ArrayList<>();
    TreeSet<byte[]> wanted = new TreeSet<>(Bytes.ORDER);
    try (RegionSnapshot snapshot = region.machineSnapshot()) {
      forEach(
          snapshot,
          Cf.LOCK,
          (key, value) -> violations.add("a lock is left on " + Records.rawKey(key)));
      forEach(
          snapshot,
          Cf.WRITE,
          (key, value) -> {
            Write write = WriteCodec.decode(value);
            byte[] encoded = KeyCodec.truncateTimestamp(key);
            long timestamp = KeyCodec.timestamp(key);
            boolean isRollback = write.type() == WriteType.ROLLBACK;
            if (isRollback ? timestamp != write.startTs() : timestamp <= write.startTs()) {
              violations.add(Records.version(key) + ": " + write);
            }
            if (write.type() == WriteType.PUT && write.shortValue() == null) {
              wanted.add(KeyCodec.appendTimestamp(encoded, write.startTs()));
            }
          });
      forEach(
          snapshot,
          Cf.DEFAULT,
          (key, value) -> {
            if (!wanted.remove(key)) {
              violations.add("no record has the value of " + Records.version(key));
            }
          });
    }
    for (byte[] key : wanted) {
      violations.add("no value for the record of " + Records.version(key));
    }
    return violations;
  }
}
