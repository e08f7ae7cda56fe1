package io.rutile.verify.txn;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockResponse;
import io.rutile.txn.command.action.GcAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Collects garbage below the oldest timestamp that anybody still works with: first it has every
 * lock up to that safe point resolved, then it removes what no reader above can see.
 */
final class GarbageCollector {
  /** Stands for no transaction: such a request keeps no garbage. */
  private static final long NOBODY = Long.MAX_VALUE;

  private static final int SCANS_MAX = 6;

  private final TxnSim sim;
  private boolean running;
  private long removed;

  GarbageCollector(TxnSim sim) {
    this.sim = sim;
  }

  boolean isRunning() {
    return running;
  }

  /** Records that were removed so far. */
  long removed() {
    return removed;
  }

  CompletableFuture<Void> round() {
    long point = Math.min(sim.open.oldest().orElse(NOBODY) - 1, sim.oracle.last());
    if (point <= sim.safePoint) {
      return CompletableFuture.completedFuture(null);
    }
    running = true;
    Session session = new Session(sim, 0, () -> {});
    return Session.inTurn(sim.regions(), region -> resolveLocks(session, region, point, SCANS_MAX))
        .thenRun(() -> collectUpTo(point))
        .whenComplete((done, failure) -> {
          session.end();
          running = false;
        });
  }

  private CompletableFuture<Void> resolveLocks(
      Session session, SimRegion region, long point, int scansLeft) {
    if (scansLeft == 0) {
      return CompletableFuture.failedFuture(new Unanswered("locks that stay"));
    }
    LockResolver resolver = new LockResolver(sim, session);
    return session
        .<ScanLockResponse>call(
            ScanLockRequest.newBuilder().setMaxVersion(point).build(), region, NOBODY)
        .thenCompose(found -> {
          if (!found.hasError() && found.getLocksCount() == 0) {
            return CompletableFuture.completedFuture(null);
          }
          return Session.inTurn(found.getLocksList(), lock -> end(resolver, lock))
              .thenCompose(done -> session.pause())
              .thenCompose(done -> resolveLocks(session, region, point, scansLeft - 1));
        });
  }

  private static CompletableFuture<Void> end(LockResolver resolver, LockInfo lock) {
    return resolver.resolve(lock, 0, -1).thenApply(fate -> null);
  }

  private void collectUpTo(long point) {
    if (sim.isCalm() || sim.open.oldest().orElse(NOBODY) <= point) {
      return;
    }
    sim.safePoint = point;
    sim.regions().forEach(region -> collect(region, point));
  }

  private void collect(SimRegion region, long point) {
    SimStore leader = region.leader();
    if (leader == null) {
      return;
    }
    TxnChanges changes = new TxnChanges();
    try (RegionSnapshot snapshot = region.machineSnapshot()) {
      TreeSet<byte[]> keys = new TreeSet<>(Bytes.ORDER);
      RecordInvariants.forEach(
          snapshot, Cf.WRITE, (key, value) -> keys.add(KeyCodec.truncateTimestamp(key)));
      for (byte[] key : keys) {
        removed += GcAction.collect(changes, snapshot, key, point, Long.MAX_VALUE).deleted();
      }
    }
    if (!changes.modifies().isEmpty()) {
      RegionContext context = RegionContext.of(Context.getDefaultInstance());
      region.propose(leader, context, WriteBatchData.of(changes.modifies()));
    }
  }
}
