package io.rutile.txn.resolvedts;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.testing.Seeds;
import io.rutile.engine.api.Cf;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockType;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegionResolverTest {
  private static final RegionContext CONTEXT = RegionContext.of(Context.getDefaultInstance());
  private static final long NOW = 1000;

  private final MemoryKvEngine engine = new MemoryKvEngine();
  private final SingleEngineGate gate = new SingleEngineGate(engine);
  private final RegionResolver resolver = new RegionResolver();

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void resolvesNothingBeforeTheLocksAreRead() {
    assertThat(resolver.resolve(NOW)).isZero();
    assertThat(resolver.begin()).isTrue();
    assertThat(resolver.begin()).as("somebody reads already").isFalse();
    assertThat(resolver.resolve(NOW)).isZero();
    read();
    assertThat(resolver.isReady()).isTrue();
    assertThat(resolver.resolve(NOW)).isEqualTo(NOW);
    resolver.reset();
    assertThat(resolver.resolve(NOW)).isZero();
    assertThat(resolver.bytes()).isZero();
  }

  @Test
  void locksThatWillChangeNothingDoNotHoldItBack() {
    ready();
    apply(lock("a", LockType.PESSIMISTIC, 10));
    apply(lock("b", LockType.LOCK, 20));
    assertThat(resolver.resolve(NOW)).isEqualTo(NOW);
    apply(lock("a", LockType.DELETE, 10));
    assertThat(resolver.resolve(NOW)).isEqualTo(10);
    assertThat(resolver.resolve(5)).as("never above what was asked for").isEqualTo(5);
    apply(new Modify.DeleteRange(Cf.LOCK, Bytes.EMPTY, key("b"), false));
    assertThat(resolver.resolve(NOW)).isEqualTo(NOW);
  }

  @Test
  void aRegionWithSomethingElseInItsLockFamilyStaysUnresolved() {
    ready();
    apply(new Modify.Put(Cf.LOCK, key("raw"), new byte[] {1, 2, 3}));
    assertThat(resolver.resolve(NOW)).isZero();
    assertThat(resolver.isReady()).isFalse();
    assertThat(resolver.begin()).isFalse();
  }

  /** Whatever happens between beginning and reading, the oldest open lock is known afterwards. */
  @Seeds(60)
  void knowsTheOldestOpenLockWhereverTheSnapshotFalls(long seed) {
    Random random = new Random(seed);
    TreeMap<String, Long> open = new TreeMap<>();
    int begin = random.nextInt(30);
    int read = begin + random.nextInt(30);
    RegionSnapshot early = null;
    for (int step = 0; step < 90; step++) {
      if (step == begin) {
        resolver.begin();
      }
      if (step == begin + (read - begin) / 2) {
        early = snapshot();
      }
      if (step == read && early != null) {
        resolver.read(early);
        early.close();
      }
      String key = "key" + random.nextInt(6);
      if (open.containsKey(key)) {
        open.remove(key);
        apply(new Modify.Delete(Cf.LOCK, key(key)));
      } else {
        long startTs = 1 + random.nextInt(500);
        open.put(key, startTs);
        apply(lock(key, LockType.PUT, startTs));
      }
      if (step >= read) {
        long oldest = open.values().stream().mapToLong(ts -> ts).min().orElse(NOW);
        assertThat(resolver.resolve(NOW)).as("step %s", step).isEqualTo(oldest);
        assertThat(resolver.openLocks()).isEqualTo(open.size());
      }
    }
  }

  private void ready() {
    resolver.begin();
    read();
  }

  private void read() {
    try (RegionSnapshot snapshot = snapshot()) {
      resolver.read(snapshot);
    }
  }

  private RegionSnapshot snapshot() {
    return TestStorage.await(gate.snapshot(CONTEXT, ReadGuard.LEADER));
  }

  private void apply(Modify modify) {
    Applied where = TestStorage.await(gate.propose(CONTEXT, WriteBatchData.of(List.of(modify))));
    resolver.onApplied(where.index(), List.of(modify));
  }

  private static Modify lock(String key, LockType type, long startTs) {
    return new Modify.Put(
        Cf.LOCK, key(key), Lock.builder(type, key.getBytes(), startTs).build().encode());
  }

  private static byte[] key(String key) {
    return KeyCodec.encode(key.getBytes());
  }
}
