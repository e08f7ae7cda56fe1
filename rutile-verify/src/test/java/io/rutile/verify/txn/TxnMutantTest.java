package io.rutile.verify.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.txn.golden.GoldenScripts;
import io.rutile.verify.mutant.Mutant;
import io.rutile.verify.mutant.MutantLoader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The test of the tests: each planted fault must be noticed by the scripts or by the model. */
class TxnMutantTest {
  private static final int TRANSACTIONS = 12;
  private static final List<String> UNDER_TEST = List.of("io.rutile.txn.", "io.rutile.verify.txn.");

  @Test
  void everyPlantedFaultIsCaught() throws ReflectiveOperationException {
    hunt("TxnMutants", 2, 60);
  }

  /** How far the model alone gets. */
  @Test
  @Tag("night")
  void theModelAloneIsGivenTime() throws ReflectiveOperationException {
    hunt("TxnMutantsNight", 500, 500);
  }

  /**
   * Lets both look for every fault.
   *
   * @param seeds how many the model gets where the scripts have found the fault
   * @param seedsAlone how many it gets where they have not
   */
  private static void hunt(String name, int seeds, int seedsAlone)
      throws ReflectiveOperationException {
    List<String> survivors = new ArrayList<>();
    int byScripts = 0;
    int byModel = 0;
    for (Mutant mutant : TxnMutants.all()) {
      MutantLoader loader = new MutantLoader(mutant, UNDER_TEST);
      String script = scripts(loader);
      String seed = model(loader, script.isEmpty() ? seedsAlone : seeds);
      System.out.printf("mutant %-56s model: %s%n", mutant, seed == null ? "-" : seed);
      System.out.printf("%64sscripts: %s%n", "", script.isEmpty() ? "-" : script);
      byScripts += script.isEmpty() ? 0 : 1;
      byModel += seed == null ? 0 : 1;
      if (script.isEmpty() && seed == null) {
        survivors.add(mutant.name());
      }
    }
    int total = TxnMutants.all().size();
    System.out.printf(
        "RESULT %s caught=%d/%d by_scripts=%d by_model=%d%n",
        name, total - survivors.size(), total, byScripts, byModel);
    assertThat(survivors).as("planted faults that nothing noticed").isEmpty();
  }

  private static String scripts(MutantLoader loader) throws ReflectiveOperationException {
    Class<?> scripts = loader.loadClass(GoldenScripts.class.getName());
    try {
      return (String) scripts.getMethod("firstDifference").invoke(null);
    } catch (InvocationTargetException broken) {
      return String.valueOf(broken.getCause());
    }
  }

  /** Runs seeds until one breaks a promise; returns which, null when none did. */
  private static @Nullable String model(MutantLoader loader, int seeds)
      throws ReflectiveOperationException {
    Class<?> sim = loader.loadClass(TxnSim.class.getName());
    Method run = sim.getMethod("run", long.class, int.class);
    for (long seed = 1; seed <= seeds; seed++) {
      Object result = run.invoke(null, seed, TRANSACTIONS);
      List<?> violations = (List<?>) result.getClass().getMethod("violations").invoke(result);
      if (!violations.isEmpty()) {
        String text = String.valueOf(violations.getFirst());
        return "seed " + seed + ": " + text.substring(0, Math.min(120, text.length()));
      }
    }
    return null;
  }
}
