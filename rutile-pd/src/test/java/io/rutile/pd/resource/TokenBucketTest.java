package io.rutile.pd.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void grantsAtOnceWhatThereIsAndTheRestOverThePeriod() {
    TokenBucket bucket = new TokenBucket(100, 200, 50, 0);
    assertThat(bucket.take(30, 5_000, 0)).isEqualTo(new TokenBucket.Grant(30, 0));
    assertThat(bucket.take(1_000, 5_000, 0)).isEqualTo(new TokenBucket.Grant(520, 5_000));
    assertThat(bucket.take(1_000, 5_000, 0)).isEqualTo(new TokenBucket.Grant(0, 5_000));
    assertThat(bucket.take(100, 5_000, 6 * SECOND)).isEqualTo(new TokenBucket.Grant(100, 0));
  }

  @Test
  void gathersNoMoreThanTheBurst() {
    TokenBucket bucket = new TokenBucket(100, 200, 0, 0);
    bucket.take(0, 1_000, 1_000 * SECOND);
    assertThat(bucket.tokens()).isEqualTo(200);
    TokenBucket ofOneSecond = new TokenBucket(100, 0, 0, 0);
    ofOneSecond.take(0, 1_000, 1_000 * SECOND);
    assertThat(ofOneSecond.tokens()).isEqualTo(100);
  }

  @Test
  void aGroupWithoutLimitGetsWhatItWants() {
    assertThat(new TokenBucket(1, -1, 0, 0).take(1e9, 1_000, 0))
        .isEqualTo(new TokenBucket.Grant(1e9, 0));
  }

  /** Whoever asks and however often: over time no more is granted than came in. */
  @Test
  void neverGrantsMoreThanComesIn() {
    for (long seed = 1; seed <= 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double rate = random.nextDouble(1, 1_000);
      TokenBucket bucket = new TokenBucket(rate, 0, 0, 0);
      long now = 0;
      double granted = 0;
      long period = 5_000;
      for (int i = 0; i < 2_000; i++) {
        now += random.nextLong(SECOND);
        granted += bucket.take(random.nextDouble(10_000), period, now).tokens();
        assertThat(granted)
            .as("seed %d", seed)
            .isLessThanOrEqualTo(rate * (now / 1e9 + period / 1e3) * (1 + 1e-9));
      }
    }
  }
}
