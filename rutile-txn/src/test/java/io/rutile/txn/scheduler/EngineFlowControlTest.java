package io.rutile.txn.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.clock.ManualClock;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.EngineStatistics;
import io.rutile.txn.scheduler.EngineFlowControl.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineFlowControlTest {
  private static final long MIB = 1 << 20;
  private static final Settings SETTINGS = new Settings(true, 20, 100, 200);

  private final ManualClock clock = new ManualClock(0);
  private final EngineFlowControl flow =
      new EngineFlowControl(clock, new MetricRegistry(), SETTINGS);

  @Test
  void takesEverythingWithoutPressure() {
    assertThat(second(100 * MIB, 20, 100)).isEqualTo(100 * MIB);
    assertThat(second(100 * MIB, 0, 0)).isEqualTo(100 * MIB);
  }

  @Test
  void slowsWritesWhileLevelZeroGrowsAndLetsGoAfterwards() {
    second(100 * MIB, 21, 0);
    long first = second(100 * MIB, 25, 0);
    assertThat(first).isLessThanOrEqualTo(161 * MIB).isGreaterThan(50 * MIB);
    long last = first;
    for (int i = 0; i < 20; i++) {
      last = second(100 * MIB, 30, 0);
    }
    assertThat(last).as("files do not become fewer").isLessThan(30 * MIB);
    long held = second(100 * MIB, 25, 0);
    assertThat(second(100 * MIB, 22, 0)).as("they do").isCloseTo(held, byMib(2));
    for (int i = 0; i < 14; i++) {
      last = second(100 * MIB, 10, 0);
    }
    assertThat(last).as("the rate grows again").isGreaterThan(80 * MIB);
    second(MIB, 0, 0);
    assertThat(second(300 * MIB, 0, 0)).as("and is no limit any more").isEqualTo(300 * MIB);
  }

  @Test
  void refusesAShareThatRisesWithTheDebtOfCompaction() {
    second(MIB, 0, 150);
    assertThat(second(100 * MIB, 0, 175)).isEqualTo(50 * MIB);
    assertThat(second(100 * MIB, 0, 200)).isEqualTo(25 * MIB);
    assertThat(second(100 * MIB, 0, 300)).isZero();
    flow.setSettings(new Settings(false, 20, 100, 200));
    second(MIB, 0, 300);
    assertThat(second(100 * MIB, 99, 300)).as("switched off").isEqualTo(100 * MIB);
  }

  @Test
  void settingsThatLeaveNoRoomAreRefused() {
    assertThatThrownBy(() -> new Settings(true, 20, 100, 100))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Offers {@code bytes} in the course of a second; then the engine is looked at. */
  private long second(long bytes, int level0Files, long pendingBytes) {
    long taken = 0;
    for (long i = 0; i < bytes / MIB; i++) {
      clock.advanceNanos(1_000_000_000L * MIB / bytes);
      taken += flow.admits(MIB) ? MIB : 0;
    }
    flow.observe(new EngineStatistics(Map.of(), List.of(), 0, pendingBytes, level0Files, false));
    return taken;
  }

  private static org.assertj.core.data.Offset<Long> byMib(long mib) {
    return org.assertj.core.data.Offset.offset(mib * MIB);
  }
}
