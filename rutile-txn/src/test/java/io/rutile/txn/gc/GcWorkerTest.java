package io.rutile.txn.gc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.ManualTimers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.testing.QueuePool;
import io.rutile.txn.testing.SingleEngineGate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GcWorkerTest {
  private static final long POLL_NANOS = Duration.ofSeconds(10).toNanos();

  private final VersionHistory history = new VersionHistory();
  private final ManualTimers timers = new ManualTimers(1_700_000_000_000L);
  private final MetricRegistry metrics = new MetricRegistry();
  private final List<Long> sweptAt = new ArrayList<>();
  private long safePoint;
  private long regionId = SingleEngineGate.REGION_ID;
  private long extraIndex;

  @AfterEach
  void close() {
    history.close();
  }

  @Test
  void followsTheSafePointAndSkipsARegionThatHasNothingDue() {
    history.addKeys(new Random(1), 10);
    GcWorker worker = start(GcSettings.defaults());
    assertThat(sweptAt).as("no safe point yet").isEmpty();
    safePoint = 80;
    poll();
    assertThat(records()).isPositive();
    int rounds = sweptAt.size();
    poll();
    assertThat(sweptAt).as("the safe point has not moved").hasSize(rounds);
    safePoint = VersionHistory.END_TS;
    poll();
    poll();
    assertThat(sweptAt.size()).isGreaterThan(rounds);
    safePoint = VersionHistory.END_TS + 1;
    poll();
    rounds = sweptAt.size();
    safePoint = VersionHistory.END_TS + 1000;
    poll();
    assertThat(sweptAt).as("nothing was written and nothing is due").hasSize(rounds);
    assertThat(text())
        .contains("tikv_gcworker_autogc_safe_point " + (double) safePoint)
        .contains("tikv_gcworker_gc_keys{cf=\"write\",tag=\"deleted\"}");
    extraIndex++;
    safePoint++;
    poll();
    assertThat(sweptAt.size()).as("the region was written to").isGreaterThan(rounds);
    worker.close();
  }

  @Test
  void keepsToTheWriteLimitAndTakesANewOneWhileItRuns() {
    history.addKeys(new Random(2), 100);
    safePoint = VersionHistory.END_TS;
    GcWorker worker = start(new GcSettings(1, 100, Duration.ofSeconds(10)));
    long all = records();
    timers.advanceNanos(Duration.ofSeconds(2).toNanos());
    assertThat(records()).as("100 bytes a second are few records").isGreaterThan(all / 2);
    worker.setSettings(new GcSettings(1, 0, Duration.ofSeconds(10)));
    timers.advanceNanos(Duration.ofSeconds(5).toNanos());
    long left = records();
    timers.advanceNanos(Duration.ofSeconds(60).toNanos());
    assertThat(records()).as("all was done before").isEqualTo(left);
    worker.close();
  }

  @Test
  void triesARegionAgainThatCouldNotBeReached() {
    history.addKeys(new Random(3), 10);
    long before = records();
    safePoint = VersionHistory.END_TS;
    regionId = 99;
    GcWorker worker = start(GcSettings.defaults());
    assertThat(records()).isEqualTo(before);
    assertThat(text()).contains("tikv_gcworker_gc_task_fail_vec{task=\"gc\"} 1");
    regionId = SingleEngineGate.REGION_ID;
    poll();
    assertThat(records()).isLessThan(before);
    worker.close();
  }

  @Test
  void aWriteOfAnOldTermIsNotTaken() {
    history.addKeys(new Random(4), 10);
    long before = records();
    history.gate.holdProposals();
    safePoint = VersionHistory.END_TS;
    GcWorker worker = start(new GcSettings(2, 1, Duration.ofSeconds(10)));
    assertThat(history.gate.heldProposals()).isEqualTo(1);
    history.gate.nextTerm();
    history.gate.releaseProposals();
    timers.advanceNanos(Duration.ofHours(1).toNanos());
    assertThat(records()).as("later rounds go on in the new term").isLessThan(before);
    worker.close();
  }

  @Test
  void keyspacesHaveTheirOwnSafePointWhereARegionIsWithinOne() {
    SafePoints points = new SafePoints(50, Map.of(1, 10L, 2, 70L));
    assertThat(points.within(bound('x', 1), bound('x', 2))).isEqualTo(10);
    assertThat(points.within(bound('x', 2), bound('x', 3))).isEqualTo(70);
    assertThat(points.within(bound('x', 3), bound('x', 4))).isEqualTo(50);
    assertThat(points.within(bound('r', 1), bound('x', 2))).isEqualTo(10);
    assertThat(points.within(Bytes.EMPTY, bound('x', 1))).isEqualTo(10);
    assertThat(SafePoints.ofCluster(50).within(bound('x', 1), bound('x', 2))).isEqualTo(50);
  }

  private static byte[] bound(char mode, int keyspace) {
    return io.rutile.base.codec.KeyCodec.encode(new byte[] {(byte) mode, 0, 0, (byte) keyspace});
  }

  private GcWorker start(GcSettings settings) {
    VersionSweep sweep = new VersionSweep();
    GarbageSweep counting =
        (snapshot, from, aim) -> {
          sweptAt.add(aim.safePoint());
          return sweep.next(snapshot, from, aim);
        };
    GcWorker worker =
        new GcWorker(
            new GcWorker.Parts(
                history.gate,
                this::led,
                () -> CompletableFuture.completedFuture(SafePoints.ofCluster(safePoint)),
                List.of(counting),
                new QueuePool(),
                timers,
                timers,
                metrics),
            settings);
    worker.start();
    return worker;
  }

  private List<GcWorker.LedRegion> led() {
    try (RegionSnapshot snapshot = history.snapshot()) {
      return List.of(
          new GcWorker.LedRegion(
              Context.newBuilder().setRegionId(regionId).build(),
              Bytes.EMPTY,
              Bytes.EMPTY,
              snapshot.dataVersion() + extraIndex));
    }
  }

  private void poll() {
    timers.advanceNanos(POLL_NANOS);
  }

  private long records() {
    long count = 0;
    try (RegionSnapshot snapshot = history.snapshot();
        EngineIterator writes =
            snapshot.iterator(Cf.WRITE, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      for (boolean valid = writes.seekToFirst(); valid; valid = writes.next()) {
        count++;
      }
    }
    return count;
  }

  private String text() {
    return new String(metrics.scrape(), StandardCharsets.UTF_8);
  }
}
