package io.rutile.base.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ManualClockTest {
  @Test
  void theWallClockMayJumpWhileTimeGoesOn() {
    ManualClock clock = new ManualClock(1_000);
    clock.advanceMillis(5);
    clock.jumpWallMillis(-3_000);
    assertThat(clock.wallMillis()).isEqualTo(-1_995);
    assertThat(clock.monotonicNanos()).isEqualTo(5_000_000);
    assertThatThrownBy(() -> clock.advanceNanos(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void seededRandomsRepeatByPurpose() {
    Randoms one = Randoms.seeded(7);
    Randoms two = Randoms.seeded(7);
    assertThat(one.create("a").nextLong()).isEqualTo(two.create("a").nextLong());
    assertThat(one.create("a").nextLong()).isNotEqualTo(one.create("b").nextLong());
    assertThat(one.create("a").nextLong()).isNotEqualTo(Randoms.seeded(8).create("a").nextLong());
  }
}
