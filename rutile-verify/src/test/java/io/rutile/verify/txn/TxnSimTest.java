package io.rutile.verify.txn;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds of {@link TxnSim}. {@code -Drutile.seed=N} repeats one seed and tells what happens,
 * {@code -Drutile.from=N} begins at another one.
 */
class TxnSimTest {
  private static final int TRANSACTIONS = 12;

  @Test
  void promisesHoldForTheFirstSeeds() {
    run("TxnModel", Duration.ofSeconds(20));
  }

  @Test
  @Tag("night")
  void promisesHoldAllNight() {
    run("TxnModelNight", Duration.ofMinutes(10));
  }

  @Test
  void aSeedRepeatsExactly() {
    for (long seed = 1; seed <= 10; seed++) {
      assertThat(TxnSim.run(seed, TRANSACTIONS))
          .as("seed %d", seed)
          .isEqualTo(TxnSim.run(seed, TRANSACTIONS));
    }
  }

  private static void run(String name, Duration time) {
    Long only = Long.getLong("rutile.seed");
    if (only != null) {
      TxnSim.Result result = TxnSim.run(only, TRANSACTIONS, System.out::println);
      System.out.println(result);
      assertThat(result.violations()).as("seed %d", only).isEmpty();
      return;
    }
    long start = System.nanoTime();
    Totals totals = new Totals();
    long seed = Long.getLong("rutile.from", 1);
    while (System.nanoTime() - start < time.toNanos()) {
      TxnSim.Result result = TxnSim.run(seed, TRANSACTIONS);
      assertThat(result.violations()).as("seed %d", seed).isEmpty();
      totals.add(result);
      seed++;
    }
    System.out.printf("RESULT %s %s violations=0%n", name, totals);
    assertThat(totals.leastFrequent()).as("everything happened").isPositive();
  }

  private static final class Totals {
    private long seeds;
    private long txns;
    private long reads;
    private long requests;
    private long deaths;
    private long onePhase;
    private long async;
    private long asyncResolved;
    private long pessimistic;
    private long pipelined;
    private long fallBacks;
    private long overlaps;
    private long resolved;
    private long leaderChanges;
    private long crashes;
    private long collected;

    void add(TxnSim.Result result) {
      seeds++;
      txns += result.committed();
      reads += result.reads();
      requests += result.requests();
      deaths += result.deaths();
      onePhase += result.onePhase();
      async += result.async();
      asyncResolved += result.asyncResolved();
      pessimistic += result.pessimistic();
      pipelined += result.pipelined();
      fallBacks += result.fallBacks();
      overlaps += result.overlaps();
      resolved += result.resolved();
      leaderChanges += result.leaderChanges();
      crashes += result.crashes();
      collected += result.collected();
    }

    long leastFrequent() {
      long[] counts = {
        txns,
        reads,
        deaths,
        onePhase,
        async,
        asyncResolved,
        pessimistic,
        pipelined,
        fallBacks,
        overlaps,
        resolved,
        leaderChanges,
        crashes,
        collected
      };
      return Arrays.stream(counts).min().orElseThrow();
    }

    @Override
    public String toString() {
      return ("seeds=%d txns=%d reads=%d requests=%d deaths=%d one_phase=%d async=%d"
              + " async_resolved=%d pessimistic=%d pipelined=%d fall_backs=%d overlaps=%d"
              + " resolved=%d leader_changes=%d crashes=%d collected=%d")
          .formatted(
              seeds,
              txns,
              reads,
              requests,
              deaths,
              onePhase,
              async,
              asyncResolved,
              pessimistic,
              pipelined,
              fallBacks,
              overlaps,
              resolved,
              leaderChanges,
              crashes,
              collected);
    }
  }
}
