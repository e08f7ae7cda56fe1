package io.rutile.verify.txn;

import io.rutile.engine.api.KvEngine;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.testing.SingleEngineGate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A replicated region in short: a log of writes, applied in order some time after they are
 * proposed, and a leader that changes. A new leader has applied what was committed before it, which
 * is some of what was under way; the rest is lost.
 */
final class SimRegion {
  private record Entry(WriteBatchData data, CompletableFuture<Applied> reply) {}

  private static final long LEADERLESS_MAX_NANOS = 30 * SimOptions.MILLI;

  private final TxnSim sim;
  private final SingleEngineGate machine;
  private final Deque<Entry> log = new ArrayDeque<>();
  final long id;
  final byte[] start;
  final byte[] end;
  private @Nullable SimStore leader;

  SimRegion(TxnSim sim, KvEngine engine, long id, byte[] start, byte[] end) {
    this.sim = sim;
    this.id = id;
    this.start = start;
    this.end = end;
    this.machine = new SingleEngineGate(engine, id, start, end);
  }

  @Nullable SimStore leader() {
    return leader;
  }

  /** A snapshot for a request on {@code store}, at once or after a word with the group. */
  CompletableFuture<RegionSnapshot> snapshot(SimStore store) {
    if (store != leader) {
      return CompletableFuture.failedFuture(RegionErrors.notLeader(id, null));
    }
    if (sim.random.nextInt(4) > 0) {
      return CompletableFuture.completedFuture(machineSnapshot());
    }
    CompletableFuture<RegionSnapshot> later = new CompletableFuture<>();
    sim.after(
        sim.delay(),
        () -> {
          if (store == leader) {
            later.complete(machineSnapshot());
          } else {
            later.completeExceptionally(RegionErrors.notLeader(id, null));
          }
        });
    return later;
  }

  RegionSnapshot machineSnapshot() {
    return machine
        .snapshot(RegionContext.of(Context.getDefaultInstance()), ReadGuard.LEADER)
        .toCompletableFuture()
        .join();
  }

  /** Rows that a request on {@code store} finds at hand. */
  @Nullable HotRows hotRows(SimStore store, RegionContext context) {
    return store == leader ? machine.hotRows(context) : null;
  }

  CompletableFuture<Applied> propose(SimStore store, RegionContext context, WriteBatchData data) {
    if (store != leader) {
      return CompletableFuture.failedFuture(RegionErrors.notLeader(id, null));
    }
    if (context.term() != 0 && context.term() != machine.term()) {
      return CompletableFuture.failedFuture(RegionErrors.staleCommand());
    }
    if (sim.random.nextInt(200) == 0 && !sim.isCalm()) {
      return CompletableFuture.failedFuture(RegionErrors.serverIsBusy("raftstore is busy"));
    }
    Entry entry = new Entry(data, new CompletableFuture<>());
    log.add(entry);
    sim.after(sim.delay(), () -> commitUpTo(entry));
    return entry.reply();
  }

  private void commitUpTo(Entry entry) {
    while (log.contains(entry)) {
      Entry first = log.remove();
      Applied where = apply(first);
      sim.after(sim.delay(), () -> first.reply().complete(where));
    }
  }

  private Applied apply(Entry entry) {
    Applied where = machine.apply(entry.data());
    sim.note(() -> "region " + id + " applies " + Records.describe(entry.data()));
    sim.history.applied(entry.data());
    return where;
  }

  /**
   * Ends the leadership of a store and begins that of another, or of the same one, a little later.
   */
  void changeLeader(SimStore next) {
    sim.note(() -> "region " + id + " loses its leader");
    settleLog();
    SimStore before = leader;
    leader = null;
    machine.nextTerm();
    machine.setMaxTsSynced(false);
    if (before != null) {
      onLost(before);
    }
    long term = machine.term();
    sim.after(
        sim.random.nextLong(LEADERLESS_MAX_NANOS),
        () -> {
          if (machine.term() == term) {
            lead(next);
          }
        });
  }

  /** The group keeps some of what is under way; proposers may or may not learn what. */
  private void settleLog() {
    int kept = sim.random.nextInt(log.size() + 1);
    while (!log.isEmpty()) {
      Entry entry = log.remove();
      RegionErrorException unknown = RegionErrors.undeterminedResult("the leader changed");
      if (kept-- > 0) {
        Applied where = apply(entry);
        if (sim.random.nextBoolean()) {
          sim.after(sim.delay(), () -> entry.reply().complete(where));
          continue;
        }
      } else if (sim.random.nextBoolean()) {
        unknown = RegionErrors.staleCommand();
      }
      RegionErrorException failure = unknown;
      sim.after(sim.delay(), () -> entry.reply().completeExceptionally(failure));
    }
  }

  void lead(SimStore next) {
    SimStore live = next.isAlive() ? next : sim.anyStore();
    leader = live;
    onLeading(live);
    long term = machine.term();
    sim.after(
        sim.delay(),
        () -> {
          if (machine.term() == term) {
            live.storage().concurrency().raiseMaxTs(sim.oracle.next());
            machine.setMaxTsSynced(true);
          }
        });
  }

  /** Whoever leads the first region finds deadlocks. */
  private void onLeading(SimStore store) {
    if (start.length == 0) {
      store.storage().deadlockDetector().setLeader(true);
    }
  }

  private void onLost(SimStore store) {
    if (start.length == 0) {
      store.storage().deadlockDetector().setLeader(false);
    }
    store.storage().onRegionLost(id);
  }
}
