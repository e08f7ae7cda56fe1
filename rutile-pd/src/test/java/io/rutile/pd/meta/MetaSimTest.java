package io.rutile.pd.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs seeds of {@link MetaSim}. {@code -Drutile.seed=N} repeats one seed, {@code -Drutile.from=N}
 * begins at another one.
 */
class MetaSimTest {
  private static final int TROUBLE_STEPS = 6_000;

  @TempDir Path directory;

  @Test
  void promisesHoldForTheFirstSeeds() {
    run("MetaSim", Duration.ofSeconds(12));
  }

  @Test
  @Tag("night")
  void promisesHoldAllNight() {
    run("MetaSimNight", Duration.ofMinutes(10));
  }

  /** The simulation is worth something only if it sees what a lease is for. */
  @Test
  void withoutLeasesTimestampsGoBack() {
    assertThatThrownBy(
            () -> {
              for (long seed = 1; seed <= 20; seed++) {
                MetaSim.run(seed, TROUBLE_STEPS, directory.resolve("planted"), false);
              }
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("timestamp of member");
  }

  @Test
  void aSeedRepeatsExactly() {
    assertThat(MetaSim.run(4, 2_000, directory.resolve("once")).toString())
        .isEqualTo(MetaSim.run(4, 2_000, directory.resolve("again")).toString());
  }

  private void run(String name, Duration time) {
    Long only = Long.getLong("rutile.seed");
    if (only != null) {
      System.out.println(MetaSim.run(only, TROUBLE_STEPS, directory));
      return;
    }
    long seed = Long.getLong("rutile.from", 1);
    long start = System.nanoTime();
    MetaSim.Tally total = MetaSim.run(seed++, TROUBLE_STEPS, directory);
    while (System.nanoTime() - start < time.toNanos()) {
      total.add(MetaSim.run(seed++, TROUBLE_STEPS, directory));
    }
    System.out.printf("RESULT %s %s violations=0%n", name, total);
    assertThat(total.timestamps).isPositive();
    assertThat(total.writes).isPositive();
    assertThat(total.kills).isPositive();
    assertThat(total.snapshots).as("members that lag get snapshots").isPositive();
  }
}
