package io.rutile.verify.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.verify.mutant.Mutant;
import io.rutile.verify.mutant.MutantLoader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The test of the test: each planted fault must be noticed by {@link RaftSim}. */
class RaftMutantTest {
  private static final int SEEDS_MAX = 400;
  private static final int TROUBLE_TICKS = 600;
  private static final List<String> UNDER_TEST =
      List.of("io.rutile.raft.", "io.rutile.verify.raft.");

  @Test
  void everyPlantedFaultIsCaught() throws ReflectiveOperationException {
    List<String> survivors = new ArrayList<>();
    List<Double> seconds = new ArrayList<>();
    for (Mutant mutant : RaftMutants.all()) {
      long start = System.nanoTime();
      String caught = hunt(mutant);
      seconds.add((System.nanoTime() - start) / 1e9);
      System.out.printf("mutant %-50s %s%n", mutant, caught == null ? "SURVIVED" : caught);
      if (caught == null) {
        survivors.add(mutant.name());
      }
    }
    Collections.sort(seconds);
    int total = seconds.size();
    System.out.printf(
        "RESULT RaftMutants caught=%d/%d median_s=%.2f slowest=%.2f%n",
        total - survivors.size(), total, seconds.get(total / 2), seconds.getLast());
    assertThat(survivors).as("planted faults that nothing noticed").isEmpty();
  }

  /** Runs seeds until one breaks a promise; returns which, null when none did. */
  private static @Nullable String hunt(Mutant mutant) throws ReflectiveOperationException {
    MutantLoader loader = new MutantLoader(mutant, UNDER_TEST);
    Class<?> sim = loader.loadClass(RaftSim.class.getName());
    Method run = sim.getMethod("run", long.class, int.class);
    for (long seed = 1; seed <= SEEDS_MAX; seed++) {
      try {
        run.invoke(null, seed, TROUBLE_TICKS);
      } catch (InvocationTargetException failed) {
        Throwable violation = failed.getCause();
        assertThat(violation.getClass().getName())
            .as("%s, seed %d: %s", mutant, seed, violation)
            .isEqualTo(SimViolation.class.getName());
        return "seed " + seed + ": " + violation.getCause().getMessage();
      }
    }
    return null;
  }
}
