package io.rutile.txn.gc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.codec.KeyCodec;
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
import io.rutile.txn.mvcc.KvRow;
import io.rutile.txn.mvcc.PointGetter;
import io.rutile.txn.mvcc.ReadSpec;
import io.rutile.txn.mvcc.ReadStatistics;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** Committed records of a few keys in one region, made up from a seed, and what readers see. */
final class VersionHistory implements AutoCloseable {
  static final long END_TS = 250;

  final MemoryKvEngine engine = new MemoryKvEngine();
  final SingleEngineGate gate = new SingleEngineGate(engine);
  private final List<byte[]> keys = new ArrayList<>();

  /** Adds records to {@code count} new keys. */
  void addKeys(Random random, int count) {
    List<Modify> modifies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = KeyCodec.encode(("key" + keys.size()).getBytes());
      keys.add(key);
      long ts = 1;
      while (ts < END_TS - 60) {
        ts += 1 + random.nextInt(60);
        addRecord(modifies, random, key, ts);
      }
    }
    write(modifies);
  }

  private static void addRecord(List<Modify> modifies, Random random, byte[] key, long ts) {
    WriteType type = WriteType.values()[random.nextInt(WriteType.values().length)];
    boolean large = type == WriteType.PUT && random.nextBoolean();
    long startTs = type == WriteType.ROLLBACK ? ts : ts - 1;
    byte[] value = ("value at " + ts).getBytes();
    Write write = new Write(type, startTs, type == WriteType.PUT && !large ? value : null);
    modifies.add(new Modify.Put(Cf.WRITE, KeyCodec.appendTimestamp(key, ts), write.encode()));
    if (large) {
      modifies.add(new Modify.Put(Cf.DEFAULT, KeyCodec.appendTimestamp(key, startTs), value));
    }
  }

  void write(List<Modify> modifies) {
    TestStorage.await(gate.propose(context(), WriteBatchData.of(modifies)));
  }

  RegionSnapshot snapshot() {
    return TestStorage.await(gate.snapshot(context(), ReadGuard.LEADER));
  }

  static RegionContext context() {
    return RegionContext.of(Context.getDefaultInstance());
  }

  /** What a reader at {@code readTs} finds, by key. */
  TreeMap<String, String> readAt(long readTs) {
    TreeMap<String, String> rows = new TreeMap<>();
    try (RegionSnapshot snapshot = snapshot()) {
      for (byte[] key : keys) {
        try (PointGetter getter =
            PointGetter.single(snapshot, ReadSpec.at(readTs), new ReadStatistics())) {
          KvRow row = getter.get(key);
          if (row != null) {
            rows.put(new String(KeyCodec.decode(key)), new String(row.value()));
          }
        }
      }
    }
    return rows;
  }

  List<TreeMap<String, String>> readFrom(long safePoint) {
    List<TreeMap<String, String>> views = new ArrayList<>();
    for (long ts = safePoint; ts <= END_TS; ts++) {
      views.add(readAt(ts));
    }
    return views;
  }

  /** Rows of the default family that no write record refers to must not be left behind. */
  void checkNoOrphans() {
    int puts = 0;
    int values = 0;
    try (RegionSnapshot snapshot = snapshot()) {
      try (EngineIterator writes =
          snapshot.iterator(Cf.WRITE, new byte[0], new byte[0], ReadOptions.DEFAULT)) {
        io.rutile.txn.record.WriteRef write = new io.rutile.txn.record.WriteRef();
        for (boolean valid = writes.seekToFirst(); valid; valid = writes.next()) {
          write.parse(writes.value());
          puts += write.type() == WriteType.PUT && !write.hasShortValue() ? 1 : 0;
        }
      }
      try (EngineIterator rows =
          snapshot.iterator(Cf.DEFAULT, new byte[0], new byte[0], ReadOptions.DEFAULT)) {
        for (boolean valid = rows.seekToFirst(); valid; valid = rows.next()) {
          values++;
        }
      }
    }
    assertThat(values).as("values without a write record").isEqualTo(puts);
  }

  @Override
  public void close() {
    engine.close();
  }
}
