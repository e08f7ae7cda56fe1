package io.rutile.txn.raw;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.testing.Seeds;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.gc.GarbageSweep;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** Random versions of raw keys: the newest of each key stays what it was, and little else stays. */
class RawVersionSweepTest {
  private static final RegionContext CONTEXT = RegionContext.of(Context.getDefaultInstance());
  private static final long NOW_SECONDS = 1000;

  private final RawVersionSweep sweep = new RawVersionSweep();

  @Seeds(40)
  void theNewestVersionsStayWhatTheyWere(long seed) {
    Random random = new Random(seed);
    try (MemoryKvEngine engine = new MemoryKvEngine()) {
      SingleEngineGate gate = new SingleEngineGate(engine);
      write(gate, history(random));
      for (long safePoint = 10; safePoint < 120; safePoint += 30) {
        TreeMap<String, String> before = newest(gate);
        TreeMap<String, String> kept = versionsAbove(gate, safePoint);
        collect(gate, safePoint, 1 + random.nextInt(3), 1 + random.nextInt(60));
        assertThat(newest(gate)).as("newest at safe point %s", safePoint).isEqualTo(before);
        assertThat(versionsAbove(gate, safePoint)).isEqualTo(kept);
        assertThat(collect(gate, safePoint, 100, 1 << 20)).as("second pass").isZero();
      }
      assertThat(versionsAbove(gate, 0).size()).isEqualTo(newest(gate).size());
    }
  }

  private static List<Modify> history(Random random) {
    List<Modify> modifies = new ArrayList<>();
    RawFormatV2 format = RawFormatV2.INSTANCE;
    for (int i = 0; i < 6; i++) {
      byte[] key = ("r\0\0\1key" + i).getBytes();
      for (long ts = 1; ts < 90; ts += 1 + random.nextInt(25)) {
        modifies.add(
            switch (random.nextInt(3)) {
              case 0 -> format.delete(Cf.DEFAULT, key, ts);
              case 1 -> format.put(Cf.DEFAULT, key, ("dead" + ts).getBytes(), NOW_SECONDS - 1, ts);
              default -> format.put(Cf.DEFAULT, key, ("value" + ts).getBytes(), 0, ts);
            });
      }
    }
    // Transactions live in the same family and are none of the sweep's business.
    modifies.add(
        new Modify.Put(Cf.DEFAULT, KeyCodec.encode("x\0\0\1txn".getBytes(), 5), new byte[] {1}));
    return modifies;
  }

  private static void write(SingleEngineGate gate, List<Modify> modifies) {
    TestStorage.await(gate.propose(CONTEXT, WriteBatchData.of(modifies)));
  }

  private long collect(SingleEngineGate gate, long safePoint, int maxKeys, long maxBytes) {
    long removed = 0;
    byte[] from = null;
    do {
      GarbageSweep.Batch batch;
      try (RegionSnapshot snapshot = TestStorage.await(gate.snapshot(CONTEXT, ReadGuard.LEADER))) {
        batch =
            sweep.next(
                snapshot,
                from == null ? snapshot.startKey() : from,
                new GarbageSweep.Aim(safePoint, NOW_SECONDS, maxKeys, maxBytes, 1000));
      }
      write(gate, batch.modifies());
      removed += batch.removed();
      from = batch.next();
    } while (from != null);
    return removed;
  }

  /** The visible value of each raw key. */
  private static TreeMap<String, String> newest(SingleEngineGate gate) {
    TreeMap<String, String> values = new TreeMap<>();
    TreeMap<String, Boolean> seen = new TreeMap<>();
    scan(
        gate,
        (key, ts, stored) -> {
          if (seen.putIfAbsent(key, true) == null) {
            RawValue value = RawFormatV2.INSTANCE.visible(stored, NOW_SECONDS);
            if (value != null) {
              values.put(key, new String(value.value()));
            }
          }
        });
    return values;
  }

  private static TreeMap<String, String> versionsAbove(SingleEngineGate gate, long safePoint) {
    TreeMap<String, String> versions = new TreeMap<>();
    scan(
        gate,
        (key, ts, stored) -> {
          if (ts > safePoint) {
            versions.put(key + "@" + ts, new String(stored));
          }
        });
    return versions;
  }

  private interface Visitor {
    void visit(String key, long ts, byte[] stored);
  }

  private static void scan(SingleEngineGate gate, Visitor visitor) {
    try (RegionSnapshot snapshot = TestStorage.await(gate.snapshot(CONTEXT, ReadGuard.LEADER));
        EngineIterator rows =
            snapshot.iterator(Cf.DEFAULT, Bytes.EMPTY, new byte[] {'s'}, ReadOptions.DEFAULT)) {
      for (boolean valid = rows.seekToFirst(); valid; valid = rows.next()) {
        byte[] at = rows.key();
        visitor.visit(
            new String(KeyCodec.decode(KeyCodec.truncateTimestamp(at))),
            KeyCodec.timestamp(at),
            rows.value());
      }
    }
  }
}
