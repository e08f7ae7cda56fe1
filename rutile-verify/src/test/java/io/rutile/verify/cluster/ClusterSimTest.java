package io.rutile.verify.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds of {@link ClusterSim}. {@code -Drutile.seed=N} repeats one seed, {@code
 * -Drutile.from=N} begins at another one.
 */
class ClusterSimTest {
  private static final int TROUBLE_SECONDS = 120;

  @Test
  void promisesHoldForTheFirstSeeds() {
    run("ClusterSim", Duration.ofSeconds(30));
  }

  @Test
  @Tag("night")
  void promisesHoldAllNight() {
    run("ClusterSimNight", Duration.ofMinutes(20));
  }

  @Test
  void aSeedRepeatsExactly() {
    for (long seed = 1; seed <= 2; seed++) {
      ClusterSim.Outcome first = ClusterSim.run(seed, TROUBLE_SECONDS);
      ClusterSim.Outcome second = ClusterSim.run(seed, TROUBLE_SECONDS);
      assertThat(second.traceHash()).as("seed %d", seed).isEqualTo(first.traceHash());
      assertThat(second.virtualNanos()).as("seed %d", seed).isEqualTo(first.virtualNanos());
    }
  }

  private static void run(String name, Duration time) {
    Long only = Long.getLong("rutile.seed");
    if (only != null) {
      System.out.println(ClusterSim.run(only, TROUBLE_SECONDS));
      return;
    }
    long start = System.nanoTime();
    long seed = Long.getLong("rutile.from", 1);
    Probes probes = new Probes();
    int seeds = 0;
    double hours = 0;
    long calls = 0;
    long transactions = 0;
    while (System.nanoTime() - start < time.toNanos()) {
      ClusterSim.Outcome outcome = ClusterSim.run(seed++, TROUBLE_SECONDS);
      probes.add(outcome.probes());
      seeds++;
      hours += outcome.virtualNanos() / 3.6e12;
      calls += outcome.calls();
      transactions += outcome.transactions();
    }
    double minutes = (System.nanoTime() - start) / 6e10;
    System.out.println(probes);
    System.out.printf(
        "RESULT %s seeds=%d simHours=%.2f simHoursPerMinute=%.2f calls=%d txns=%d violations=0"
            + " probes=%d/%d%n",
        name, seeds, hours, hours / minutes, calls, transactions, probes.hit(), probes.declared());
    assertThat(seeds).isPositive();
  }
}
