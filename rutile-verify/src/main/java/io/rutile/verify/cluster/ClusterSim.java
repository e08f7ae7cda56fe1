package io.rutile.verify.cluster;

import io.rutile.base.clock.Clock;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.testing.SimCluster;
import io.rutile.store.testing.SimPd;
import io.rutile.verify.check.LinearizabilityChecker;
import io.rutile.verify.check.LinearizabilityChecker.Verdict;
import io.rutile.verify.check.RegisterModel;
import io.rutile.verify.check.RegisterModel.Answer;
import io.rutile.verify.check.RegisterModel.Call;
import io.rutile.verify.check.TimestampReplayChecker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One simulated life of a cluster: four stores, three replicas, raw and transactional clients,
 * trouble for some virtual minutes, then peace, and the judgement.
 *
 * <p>The stores are the production classes of rutile-store and rutile-txn, on crashable engines of
 * memory; network, disks, clocks and the placement driver's decisions are simulated. With one seed
 * everything happens again the same way, which {@link Outcome#traceHash} shows.
 *
 * <p>What must hold: at most one valid lease of a region at any true time; raw keys are
 * linearizable, which includes that nothing acknowledged is lost; transactions keep snapshot
 * isolation by replay of their timestamps, and the sum of all accounts; afterwards the regions tile
 * the key space, replicas are equal, and the cluster takes writes again.
 */
public final class ClusterSim {
  private static final int STORES = 4;
  private static final int REGISTER_CLIENTS = 4;
  private static final int MOVERS = 3;
  private static final double DRIFT_MAX = 0.02;
  private static final long CALM_NANOS = 600 * SimWorld.SECOND;
  private static final long MAX_STEPS = 5_000_000;

  /**
   * What a run did.
   *
   * @param traceHash of every message and its moment
   */
  public record Outcome(
      long seed,
      long virtualNanos,
      int calls,
      int transactions,
      int sums,
      long traceHash,
      Probes probes) {}

  private final SimWorld world;
  private final SimCluster cluster;
  private final ClusterChecker checker;
  private final ClusterTrouble trouble;
  private final RegisterClients registers;
  private final BankClients bank;
  private final SplittableRandom random;
  private final Probes probes = new Probes();

  private ClusterSim(long seed, Path directory) {
    random = new SplittableRandom(seed);
    SimUpper[] uppers = new SimUpper[STORES];
    SimCluster.Uppers factory = new LateUppers(uppers);
    double drift = random.nextBoolean() ? DRIFT_MAX : 0;
    cluster =
        new SimCluster(
            random.nextLong(), STORES, drift, RaftstoreConfig.defaults(), directory, factory);
    world = new SimWorld(cluster, uppers, random.split(), random.nextInt(3) * 0.01, probes);
    checker = new ClusterChecker(cluster);
    trouble = new ClusterTrouble(world, random.split());
    registers = new RegisterClients(world);
    bank = new BankClients(world);
    world.onStep(checker::everyStep);
  }

  /** Makes the upper layers while the cluster itself is still being made. */
  private record LateUppers(SimUpper[] uppers) implements SimCluster.Uppers {
    @Override
    public SimCluster.Upper create(int index, SimPd pd, Clock clock) {
      SimUpper upper = new SimUpper(pd, clock);
      uppers[index] = upper;
      return upper;
    }
  }

  /**
   * Lives one life.
   *
   * @param troubleSeconds virtual seconds of trouble
   * @throws ClusterViolation when a promise was broken
   */
  public static Outcome run(long seed, int troubleSeconds) {
    Path directory;
    try {
      directory = Files.createTempDirectory("cluster-sim-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      return new ClusterSim(seed, directory).live(seed, troubleSeconds);
    } catch (RuntimeException | AssertionError e) {
      throw new ClusterViolation(seed, e);
    } finally {
      delete(directory);
    }
  }

  private Outcome live(long seed, int troubleSeconds) {
    try {
      bank.startOpening();
      require(trouble.runUntilWhole(world.now() + CALM_NANOS), "the cluster is never founded");
      require(world.runToEnd(world.now() + CALM_NANOS), "the accounts are never opened");
      long end = world.now() + troubleSeconds * SimWorld.SECOND;
      for (int i = 0; i < REGISTER_CLIENTS; i++) {
        registers.start(i, random.split(), end);
      }
      for (int i = 0; i < MOVERS; i++) {
        bank.startMover(i, random.split(), end);
      }
      bank.startSums(random.split(), end);
      trouble.run(end);
      settle();
      judge();
      return new Outcome(
          seed,
          world.now(),
          registers.history().size(),
          bank.history().size(),
          bank.sums(),
          31 * cluster.network().traceHash() + registers.history().hashCode(),
          probes);
    } finally {
      world.abandon();
      cluster.close();
    }
  }

  /** Peace: everybody comes to an end, and the cluster to rest. */
  private void settle() {
    require(trouble.runUntilWhole(world.now() + CALM_NANOS), "regions do not become whole");
    require(world.runToEnd(world.now() + CALM_NANOS), "clients get no answers");
    registers.startLastReads(REGISTER_CLIENTS);
    bank.startSettling();
    require(world.runToEnd(world.now() + CALM_NANOS), "the last reads get no answers");
    long until = world.now() + CALM_NANOS;
    while (!checker.replicasEqual()) {
      require(world.now() < until, checker.firstDifference());
      world.run(world.now() + SimWorld.SECOND);
    }
  }

  private void judge() {
    checker.checkTiling();
    require(bank.wrong().isEmpty(), bank.wrong().toString());
    List<TimestampReplayChecker.Violation> broken = TimestampReplayChecker.check(bank.history());
    require(broken.isEmpty(), broken.toString());
    LinearizabilityChecker.Result<Call, Answer> result =
        new LinearizabilityChecker<Optional<String>, Call, Answer>(new RegisterModel(), MAX_STEPS)
            .check(registers.history());
    require(
        result.verdict() == Verdict.LINEARIZABLE,
        "raw keys are " + result.verdict() + ": " + result.culprit());
  }

  private static void require(boolean kept, String otherwise) {
    if (!kept) {
      throw new ClusterViolation(otherwise);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
