package io.rutile.verify.cluster;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.store.testing.SimCluster;
import io.rutile.txn.storage.TxnStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The cluster with its clients: moves time, and carries the clients' calls to the leaders that PD
 * names. A call may find its store down, get lost, or lose its answer.
 */
final class SimWorld {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000 * MILLI;

  /** After this long without an answer a client gives up one attempt. */
  private static final long ATTEMPT_NANOS = 15 * SECOND;

  private static final long MAX_DELAY_NANOS = 5 * MILLI;

  /**
   * How a call ended.
   *
   * @param answer null when there is none
   * @param mayHaveHappened whether a call without an answer may have taken effect, now or later
   */
  record Outcome<A>(@Nullable A answer, boolean mayHaveHappened) {}

  final SimCluster cluster;
  final Probes probes;
  private final SimUpper[] uppers;
  private final SplittableRandom random;
  private final double lostCalls;
  private final List<Fiber> fibers = new ArrayList<>();
  private Runnable onStep = () -> {};

  SimWorld(
      SimCluster cluster,
      SimUpper[] uppers,
      SplittableRandom random,
      double lostCalls,
      Probes probes) {
    this.cluster = cluster;
    this.uppers = uppers;
    this.random = random;
    this.lostCalls = lostCalls;
    this.probes = probes;
  }

  long now() {
    return cluster.clock().monotonicNanos();
  }

  /** Called after every step of the simulation. */
  void onStep(Runnable check) {
    onStep = check;
  }

  void start(String name, Fiber.Body body) {
    fibers.add(new Fiber(name, body));
  }

  /** Runs until {@code untilNanos}. */
  void run(long untilNanos) {
    while (now() < untilNanos) {
      stepOnce(untilNanos);
    }
  }

  /** Runs until every client has come to its end; false when they do not in time. */
  boolean runToEnd(long untilNanos) {
    while (now() < untilNanos) {
      fibers.removeIf(Fiber::over);
      if (fibers.isEmpty()) {
        return true;
      }
      stepOnce(untilNanos);
    }
    return fibers.isEmpty();
  }

  private void stepOnce(long latestNanos) {
    boolean ran = false;
    for (Fiber fiber : fibers) {
      ran |= fiber.run(now());
    }
    long latest = ran ? now() : latestNanos;
    for (Fiber fiber : fibers) {
      latest = Math.min(latest, Math.max(now(), fiber.wakeNanos()));
    }
    cluster.step(latest);
    onStep.run();
  }

  /** Ends all clients wherever they are. */
  void abandon() {
    fibers.forEach(Fiber::abandon);
    fibers.clear();
  }

  void sleep(Fiber self, long nanos) {
    self.await(() -> false, now() + nanos);
  }

  /**
   * Calls the leader of a key's region until an answer without region error comes or the time is
   * over. A call that may have taken effect is not repeated unless {@code repeatable}.
   *
   * @param key as regions know it
   */
  <A> Outcome<A> call(
      Fiber self,
      byte[] key,
      long untilNanos,
      boolean repeatable,
      BiFunction<TxnStorage, Context, CompletionStage<A>> request,
      Function<A, @Nullable Error> regionError) {
    boolean mayHave = false;
    while (now() < untilNanos) {
      Outcome<A> outcome = attempt(self, key, request, regionError);
      if (outcome.answer() != null) {
        return new Outcome<>(outcome.answer(), mayHave);
      }
      mayHave |= outcome.mayHaveHappened();
      if (mayHave && !repeatable) {
        break;
      }
      sleep(self, 20 * MILLI + random.nextLong(400 * MILLI));
    }
    return new Outcome<>(null, mayHave);
  }

  private <A> Outcome<A> attempt(
      Fiber self,
      byte[] key,
      BiFunction<TxnStorage, Context, CompletionStage<A>> request,
      Function<A, @Nullable Error> regionError) {
    RegionHeartbeatRequest where = cluster.pd().locate(key);
    if (where == null || random.nextDouble() < lostCalls) {
      return new Outcome<>(null, false);
    }
    int store = cluster.indexOf(where.getLeader().getStoreId());
    sleep(self, random.nextLong(MAX_DELAY_NANOS));
    if (!cluster.isUp(store)) {
      return new Outcome<>(null, false);
    }
    int life = cluster.starts(store);
    Context context =
        Context.newBuilder()
            .setRegionId(where.getRegion().getId())
            .setRegionEpoch(where.getRegion().getRegionEpoch())
            .setPeer(where.getLeader())
            .build();
    CompletableFuture<A> answer =
        request.apply(uppers[store].storage(), context).toCompletableFuture();
    self.await(
        () -> answer.isDone() || !cluster.isUp(store) || cluster.starts(store) != life,
        now() + ATTEMPT_NANOS);
    if (!answer.isDone() || random.nextDouble() < lostCalls) {
      return new Outcome<>(null, true);
    }
    A done = answer.join();
    Error error = regionError.apply(done);
    if (error == null) {
      return new Outcome<>(done, false);
    }
    probes.hit(errorName(error));
    return new Outcome<>(null, error.hasUndeterminedResult());
  }

  private static String errorName(Error error) {
    if (error.hasNotLeader()) {
      return "not leader";
    }
    if (error.hasEpochNotMatch()) {
      return "epoch not match";
    }
    if (error.hasDiskFull()) {
      return "disk full";
    }
    if (error.hasUndeterminedResult()) {
      return "undetermined result";
    }
    return "other region error";
  }
}
