package io.rutile.verify.workload;

import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.metapb.Peer;
import io.rutile.verify.check.LinearizabilityChecker.Verdict;
import io.rutile.verify.process.ClusterProcesses;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Loads a cluster of processes, plays faults on it one after the other, and judges. Used by the
 * test thread.
 */
public final class FaultRun {
  /** One fault, from its beginning until everything is mended again. */
  public interface Fault {
    void play(FaultRun run) throws InterruptedException;
  }

  /**
   * What came out.
   *
   * @param resumeMillis for each fault with a measured outage: from the fault until each region
   *     took writes again
   * @param anomalies broken promises, in words; empty when all is well
   */
  public record Result(
      String name,
      int faults,
      int calls,
      int unknown,
      int moves,
      int sums,
      List<Long> resumeMillis,
      List<String> anomalies) {
    /** One line for the log of a test. */
    public String line() {
      return String.format(
          "RESULT faults name=%s faults=%d calls=%d unknown=%d moves=%d sums=%d resumeMillis=%s"
              + " anomalies=%d",
          name, faults, calls, unknown, moves, sums, resumeMillis, anomalies.size());
    }
  }

  private static final long CONVERGE_SECONDS = 60;

  private final ClusterProcesses cluster;
  private final Connections connections;
  private final SplittableRandom random;
  private final List<Long> resumeMillis = new ArrayList<>();
  private ResumeProbe probe;

  public FaultRun(ClusterProcesses cluster, Connections connections, long seed) {
    this.cluster = cluster;
    this.connections = connections;
    this.random = new SplittableRandom(seed);
    this.probe = new ResumeProbe(connections, "probe");
  }

  public ClusterProcesses cluster() {
    return cluster;
  }

  public Connections connections() {
    return connections;
  }

  public SplittableRandom random() {
    return random;
  }

  /**
   * Plays a fault some times under load; each time it goes on only when every region is whole
   * again.
   */
  public Result play(String name, Fault fault, int times) throws InterruptedException {
    resumeMillis.clear();
    RegisterWorkload registers = new RegisterWorkload(connections, name);
    BankWorkload bank = new BankWorkload(connections, name + "-bank");
    probe = new ResumeProbe(connections, name + "-probe");
    registers.start(random.nextLong());
    bank.start(random.nextLong());
    probe.start();
    List<String> anomalies = new ArrayList<>();
    awaitProgress(registers, bank);
    for (int i = 0; i < times; i++) {
      fault.play(this);
      cluster.awaitServing();
      awaitProgress(registers, bank);
    }
    awaitReplicated();
    probe.end();
    BankWorkload.Result money = bank.end();
    RegisterWorkload.Result calls = registers.end();
    anomalies.addAll(money.wrong());
    if (calls.verdict() != Verdict.LINEARIZABLE) {
      anomalies.add("registers: " + calls.verdict() + " " + calls.culprit());
    }
    return new Result(
        name,
        times,
        calls.calls(),
        calls.unknown(),
        money.moves(),
        money.sums(),
        List.copyOf(resumeMillis),
        anomalies);
  }

  /** Waits until every region takes writes again, and notes how long after the fault that was. */
  public void measureResume(long faultNanos) {
    await("all regions take writes", () -> probe.writtenAfter(faultNanos));
    resumeMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - faultNanos));
  }

  /** Waits until every region takes writes again. */
  public void awaitWrites() {
    long now = System.nanoTime();
    await("all regions take writes", () -> probe.writtenAfter(now));
  }

  /** Waits until every region has three whole replicas. */
  public void awaitReplicated() {
    await("all regions have three whole replicas", () -> connections.replicated(3));
  }

  private void awaitProgress(RegisterWorkload registers, BankWorkload bank) {
    awaitWrites();
    int calls = registers.answered();
    int moves = bank.moves();
    await("clients go on", () -> registers.answered() > calls + 100 && bank.moves() > moves + 5);
  }

  private void await(String what, java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONVERGE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("in vain: " + what + "\n" + describe());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /** The regions as PD and each store know them. */
  private String describe() {
    StringBuilder text = new StringBuilder();
    for (RegionInfo region : connections.regions()) {
      long id = region.region().getId();
      Peer leader = region.leader();
      text.append("region ").append(id).append(": PD knows the leader ");
      text.append(leader == null ? "none" : leader.getId() + " on " + leader.getStoreId());
      text.append('\n');
      for (int i = 0; i < cluster.size(); i++) {
        text.append("  store ").append(i).append(": ").append(cluster.regionPage(i, id));
        text.append('\n');
      }
    }
    return text.toString();
  }

  /** The index of the store that leads the region of the probe's first key. */
  public int aLeader() {
    long id = connections.leaderStoreOf(Keys.key("probe", 0)).orElseThrow();
    for (int i = 0; i < cluster.size(); i++) {
      if (connections.storeAt(cluster.address(i)) == id) {
        return i;
      }
    }
    throw new IllegalStateException("store " + id + " is none of this cluster's");
  }
}
