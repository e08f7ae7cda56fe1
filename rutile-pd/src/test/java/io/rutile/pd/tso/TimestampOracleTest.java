package io.rutile.pd.tso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.clock.ManualClock;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampOracleTest {
  private static final long START = 1_700_000_000_000L;

  private final ManualClock clock = new ManualClock(START);
  private final MemoryWindow window = new MemoryWindow();
  private long leader = 1;

  private TimestampOracle oracle() {
    return new TimestampOracle(clock, window, 5_000, term -> term == leader);
  }

  private static final class MemoryWindow implements TimestampWindow {
    private long saved;

    @Override
    public long load() {
      return saved;
    }

    @Override
    public void save(long boundMillis) {
      assertThat(boundMillis).as("the bound only grows").isGreaterThan(saved);
      saved = boundMillis;
    }
  }

  /** Allocations, clock jumps both ways, restarts and leader changes in any order. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void neverGoesBack(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TimestampOracle oracle = oracle();
    oracle.start(leader);
    long last = 0;
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(12)) {
        case 0 -> clock.jumpWallMillis(random.nextLong(-7_200_000, 7_200_000));
        case 1 -> {
          leader++;
          oracle = oracle();
          oracle.start(leader);
        }
        case 2, 3, 4 -> {
          clock.advanceMillis(random.nextInt(100));
          oracle.update();
        }
        default -> {
          int count = random.nextInt(1, 50_000);
          long given = oracle.allocate(count);
          if (given != TimestampOracle.RETRY) {
            assertThat(given - count + 1).as("seed %d, step %d", seed, i).isGreaterThan(last);
            assertThat(TimestampOracle.physical(given)).isLessThan(window.saved);
            last = given;
          }
        }
      }
    }
  }

  @Test
  void givesNothingOnceAnotherLeads() {
    TimestampOracle old = oracle();
    old.start(1);
    assertThat(old.allocate(1)).isNotEqualTo(TimestampOracle.RETRY);
    leader = 2;

    assertThatThrownBy(() -> old.allocate(1))
        .isInstanceOf(TsoException.class)
        .hasMessageContaining("not leader anymore");

    leader = 3;
    assertThatThrownBy(() -> old.allocate(1))
        .as("leading again in a later term does not revive it")
        .isInstanceOf(TsoException.class);
  }

  @Test
  void waitsWhenTheWindowIsUsedUp() {
    TimestampOracle oracle = oracle();
    oracle.start(1);
    long given = 0;
    for (int i = 0; i < 10_000 && given != TimestampOracle.RETRY || i == 0; i++) {
      given = oracle.allocate(TimestampOracle.MAX_LOGICAL - 1);
    }
    assertThat(given).isEqualTo(TimestampOracle.RETRY);
    oracle.update();
    assertThat(oracle.allocate(1)).isNotEqualTo(TimestampOracle.RETRY);
  }

  @Test
  void refusesCountsThatMakeNoSense() {
    TimestampOracle oracle = oracle();
    oracle.start(1);
    assertThatThrownBy(() -> oracle.allocate(0)).hasMessage("tso count should be positive");
    assertThatThrownBy(() -> oracle.allocate(TimestampOracle.MAX_LOGICAL))
        .isInstanceOf(TsoException.class);
  }

  @Test
  void movesForwardOnAnAdministratorsWordOnly() {
    TimestampOracle oracle = oracle();
    oracle.start(1);
    long ahead = TimestampOracle.compose(START + 3_600_000, 0);
    oracle.reset(ahead, 86_400_000);
    assertThat(oracle.allocate(1)).isGreaterThan(ahead);
    assertThatThrownBy(() -> oracle.reset(ahead, 86_400_000)).hasMessageContaining("smaller");
    long far = TimestampOracle.compose(START + 90_000_000, 0);
    assertThatThrownBy(() -> oracle.reset(far, 86_400_000)).hasMessageContaining("larger");
  }
}
