package io.rutile.txn.gc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.codec.TimeStamp;
import io.rutile.base.testing.Seeds;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** Random histories: what readers see stays, nothing else does, and the forecast is exact. */
class VersionSweepTest {
  private final VersionSweep sweep = new VersionSweep();

  @Seeds(40)
  void readersAtOrAboveTheSafePointSeeWhatTheySawAndNoGarbageStays(long seed) {
    Random random = new Random(seed);
    try (VersionHistory history = new VersionHistory()) {
      history.addKeys(random, 8);
      for (long safePoint = random.nextInt(40);
          safePoint < VersionHistory.END_TS;
          safePoint += 1 + random.nextInt(40)) {
        List<TreeMap<String, String>> before = history.readFrom(safePoint);
        collect(history, safePoint, 1 + random.nextInt(3), 30);
        assertThat(history.readFrom(safePoint)).as("safe point %s", safePoint).isEqualTo(before);
        history.checkNoOrphans();
        assertThat(collect(history, safePoint, 100, 1 << 20)).as("second pass").isZero();
      }
    }
  }

  @Seeds(40)
  void nothingIsDueBeforeTheForecastAndSomethingIsThen(long seed) {
    Random random = new Random(seed);
    try (VersionHistory history = new VersionHistory()) {
      history.addKeys(random, 3);
      long safePoint = random.nextInt(100);
      collect(history, safePoint, 100, 1 << 20);
      long dueAt = batch(history, safePoint, null, 100, 1 << 20).dueAt();
      if (dueAt == TimeStamp.MAX) {
        assertThat(batch(history, VersionHistory.END_TS, null, 100, 1 << 20).modifies()).isEmpty();
        return;
      }
      assertThat(dueAt).isGreaterThan(safePoint);
      assertThat(batch(history, dueAt - 1, null, 100, 1 << 20).modifies()).isEmpty();
      assertThat(batch(history, dueAt, null, 100, 1 << 20).modifies()).isNotEmpty();
    }
  }

  /** Collects in small batches; how many records went. */
  private long collect(VersionHistory history, long safePoint, int maxKeys, long maxBytes) {
    long removed = 0;
    byte[] from = null;
    do {
      GarbageSweep.Batch batch = batch(history, safePoint, from, maxKeys, maxBytes);
      history.write(batch.modifies());
      removed += batch.removed();
      from = batch.next();
    } while (from != null);
    return removed;
  }

  private GarbageSweep.Batch batch(
      VersionHistory history, long safePoint, byte[] from, int maxKeys, long maxBytes) {
    try (RegionSnapshot snapshot = history.snapshot()) {
      return sweep.next(
          snapshot,
          from == null ? snapshot.startKey() : from,
          new GarbageSweep.Aim(safePoint, 0, maxKeys, maxBytes, 1000));
    }
  }
}
