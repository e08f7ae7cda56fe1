package io.rutile.verify.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.verify.workload.Connections;
import io.rutile.verify.workload.FaultRun;
import io.rutile.verify.workload.FaultRun.Fault;
import io.rutile.verify.workload.Keys;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A PD and three stores as processes of their own, under load, with one fault after the other: raw
 * keys stay linearizable, money is neither made nor lost, and writes come back.
 */
class ClusterFaultTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  /** A short run for every build: every store is killed once. */
  @Test
  void aLeaderIsKilled() throws InterruptedException {
    Map<String, Fault> faults = new LinkedHashMap<>();
    faults.put("kill-leader", ClusterFaultTest::killLeader);
    run(faults, Integer.getInteger("rutile.faults", 3));
  }

  @Test
  @Tag("night")
  void everyFaultOfTheTable() throws InterruptedException {
    Map<String, Fault> faults = new LinkedHashMap<>();
    faults.put("kill-leader", ClusterFaultTest::killLeader);
    faults.put("kill-any", ClusterFaultTest::killAny);
    faults.put("kill-majority", ClusterFaultTest::killMajority);
    faults.put("kill-all", ClusterFaultTest::killAll);
    faults.put("kill-pd", ClusterFaultTest::killPd);
    faults.put("pause-leader", ClusterFaultTest::pauseLeader);
    faults.put("pause-majority", ClusterFaultTest::pauseMajority);
    faults.put("rolling-restart", ClusterFaultTest::rollingRestart);
    run(faults, Integer.getInteger("rutile.faults", 5));
  }

  private void run(Map<String, Fault> faults, int times) throws InterruptedException {
    long seed = Long.getLong("rutile.seed", System.nanoTime());
    System.out.println("seed " + seed);
    try (ClusterProcesses cluster = ClusterProcesses.start(directory, 3);
        Connections connections = new Connections(cluster.pdEndpoint())) {
      cluster.await("three replicas", () -> connections.replicated(3));
      for (byte[] key : Keys.SPLITS) {
        cluster.await("a split", () -> connections.split(key));
      }
      FaultRun run = new FaultRun(cluster, connections, seed);
      for (Map.Entry<String, Fault> fault : faults.entrySet()) {
        FaultRun.Result result = run.play(fault.getKey(), fault.getValue(), times);
        System.out.println(result.line());
        assertThat(result.anomalies()).as("seed %d, %s", seed, fault.getKey()).isEmpty();
      }
    }
  }

  private static void killLeader(FaultRun run) {
    int victim = run.aLeader();
    long killed = System.nanoTime();
    run.cluster().kill(victim);
    run.measureResume(killed);
    run.cluster().restart(victim);
  }

  private static void killAny(FaultRun run) {
    int victim = run.random().nextInt(3);
    run.cluster().kill(victim);
    run.awaitWrites();
    run.cluster().restart(victim);
  }

  private static void killMajority(FaultRun run) throws InterruptedException {
    int spared = run.random().nextInt(3);
    for (int i = 0; i < 3; i++) {
      if (i != spared) {
        run.cluster().kill(i);
      }
    }
    TimeUnit.MILLISECONDS.sleep(run.random().nextInt(2_000));
    for (int i = 0; i < 3; i++) {
      if (i != spared) {
        run.cluster().restart(i);
      }
    }
  }

  private static void killAll(FaultRun run) {
    for (int i = 0; i < 3; i++) {
      run.cluster().kill(i);
    }
    for (int i = 0; i < 3; i++) {
      run.cluster().restart(i);
    }
  }

  private static void killPd(FaultRun run) throws InterruptedException {
    run.cluster().killPd();
    TimeUnit.MILLISECONDS.sleep(run.random().nextInt(2_000));
    run.cluster().restartPd();
  }

  /** Long enough for another leader: the old one wakes up and believes that it still leads. */
  private static void pauseLeader(FaultRun run) throws InterruptedException {
    int victim = run.aLeader();
    run.cluster().pause(victim);
    TimeUnit.MILLISECONDS.sleep(pauseMillis(run));
    run.cluster().resume(victim);
  }

  private static void pauseMajority(FaultRun run) throws InterruptedException {
    int spared = run.random().nextInt(3);
    for (int i = 0; i < 3; i++) {
      if (i != spared) {
        run.cluster().pause(i);
      }
    }
    TimeUnit.MILLISECONDS.sleep(pauseMillis(run));
    for (int i = 0; i < 3; i++) {
      if (i != spared) {
        run.cluster().resume(i);
      }
    }
  }

  private static long pauseMillis(FaultRun run) {
    return ClusterProcesses.ELECTION_MILLIS + run.random().nextLong(3_000);
  }

  private static void rollingRestart(FaultRun run) {
    for (int i = 0; i < 3; i++) {
      run.cluster().stop(i);
      run.cluster().restart(i);
      run.cluster().awaitServing();
      run.awaitReplicated();
    }
  }
}
