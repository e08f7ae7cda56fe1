package io.rutile.verify.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds of {@link RaftSim}. {@code -Drutile.seed=N} repeats one seed, {@code -Drutile.from=N}
 * begins at another one.
 */
class RaftSimTest {
  private static final int TROUBLE_TICKS = 600;

  @Test
  void promisesHoldForTheFirstSeeds() {
    run("RaftSim", Duration.ofSeconds(20));
  }

  @Test
  @Tag("night")
  void promisesHoldAllNight() {
    run("RaftSimNight", Duration.ofMinutes(10));
  }

  @Test
  void aSeedRepeatsExactly() {
    for (long seed = 1; seed <= 20; seed++) {
      assertThat(RaftSim.run(seed, TROUBLE_TICKS))
          .as("seed %d", seed)
          .isEqualTo(RaftSim.run(seed, TROUBLE_TICKS));
    }
  }

  private static void run(String name, Duration time) {
    Long only = Long.getLong("rutile.seed");
    if (only != null) {
      System.out.println(RaftSim.run(only, TROUBLE_TICKS));
      return;
    }
    long from = Long.getLong("rutile.from", 1);
    long start = System.nanoTime();
    Totals totals = new Totals();
    long seed = from;
    while (System.nanoTime() - start < time.toNanos()) {
      totals.add(RaftSim.run(seed++, TROUBLE_TICKS));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "RESULT %s %s events/s=%.0f violations=0%n", name, totals, totals.events / seconds);
    assertThat(totals.leastInteresting()).as("each kind of trouble happened").isPositive();
  }

  private static final class Totals {
    long seeds;
    long events;
    long committed;
    long terms;
    long reads;
    long crashes;
    long confChanges;
    long snapshots;
    long transfers;
    long electionTicksMax;

    void add(RaftSim.Result result) {
      seeds++;
      events += result.events();
      committed += result.committed();
      terms += result.terms();
      reads += result.reads();
      crashes += result.crashes();
      confChanges += result.confChanges();
      snapshots += result.snapshots();
      transfers += result.transfers();
      electionTicksMax = Math.max(electionTicksMax, result.electionTicks());
    }

    long leastInteresting() {
      return Math.min(
          Math.min(Math.min(committed, terms), Math.min(reads, crashes)),
          Math.min(Math.min(confChanges, snapshots), transfers));
    }

    @Override
    public String toString() {
      return ("seeds=%d events=%d committed=%d terms=%d reads=%d crashes=%d conf_changes=%d"
              + " snapshots=%d transfers=%d slowest_election_ticks=%d")
          .formatted(
              seeds,
              events,
              committed,
              terms,
              reads,
              crashes,
              confChanges,
              snapshots,
              transfers,
              electionTicksMax);
    }
  }
}
