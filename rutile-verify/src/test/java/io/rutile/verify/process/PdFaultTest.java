package io.rutile.verify.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.verify.workload.Connections;
import io.rutile.verify.workload.FaultRun;
import io.rutile.verify.workload.Keys;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three PD members and three stores as processes of their own under load, while the PD member that
 * leads is killed every few seconds: transactions go on, and no sum is ever wrong.
 */
class PdFaultTest {
  private static final long BETWEEN_SECONDS = 10;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  @Tag("night")
  void leadersOfPdAreKilledUnderLoad() throws InterruptedException {
    long seed = Long.getLong("rutile.seed", System.nanoTime());
    System.out.println("seed " + seed);
    try (ClusterProcesses cluster = ClusterProcesses.start(directory, 3, 3);
        Connections connections = new Connections(cluster.pdEndpoints())) {
      cluster.await("three replicas", () -> connections.replicated(3));
      for (byte[] key : Keys.SPLITS) {
        cluster.await("a split", () -> connections.split(key));
      }
      FaultRun run = new FaultRun(cluster, connections, seed);
      FaultRun.Result result =
          run.play(
              "kill-pd-leader", PdFaultTest::killLeader, Integer.getInteger("rutile.faults", 6));
      System.out.println(result.line());
      assertThat(result.anomalies()).as("seed %d", seed).isEmpty();
    }
  }

  private static void killLeader(FaultRun run) throws InterruptedException {
    TimeUnit.SECONDS.sleep(BETWEEN_SECONDS);
    int leader = run.cluster().pdLeader();
    long killed = System.nanoTime();
    run.cluster().killPd(leader);
    run.measureResume(killed);
    run.cluster().restartPd(leader);
  }
}
