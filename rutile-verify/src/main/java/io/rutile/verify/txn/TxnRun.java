package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One random transaction: some reads, then in most cases some writes, in one of the ways. */
final class TxnRun {
  /**
   * What happens to a key.
   *
   * @param value empty when there is none
   */
  record Change(String key, Op op, Optional<String> value) {
    ByteString keyBytes() {
      return ByteString.copyFromUtf8(key);
    }
  }

  private static final int LONG_VALUE = 300;

  final TxnSim sim;
  final Session session;
  final LockResolver resolver;
  final long startTs;
  final long lockTtlMillis;

  /** Keys that hold a pessimistic lock, with the timestamp of the newest version it saw. */
  final Map<String, Long> lockedAt = new HashMap<>();

  /**
   * Keys that were locked whatever the conflict: a late repetition of that could lock them again,
   * at another version, so their prewrite has to name the version.
   */
  final Set<String> forced = new HashSet<>();

  final List<Change> changes = new ArrayList<>();
  String primary = "";
  long forUpdateTs;

  TxnRun(TxnSim sim, Session session) {
    this.sim = sim;
    this.session = session;
    this.resolver = new LockResolver(sim, session);
    this.startTs = sim.oracle.next();
    this.lockTtlMillis = sim.options.lockTtlMillis() + sim.random.nextInt(20);
    session.open(startTs);
    sim.history.begun(startTs, lockTtlMillis);
  }

  CompletableFuture<Void> run() {
    CompletableFuture<Void> reads =
        sim.random.nextInt(3) == 0
            ? CompletableFuture.completedFuture(null)
            : new TxnReader(sim, session, startTs).read();
    int kind = sim.random.nextInt(10);
    return switch (kind) {
      case 0, 1 -> reads;
      case 2 -> reads.thenCompose(done -> new PipelinedWrites(this).run());
      case 3, 4, 5, 6 -> reads.thenCompose(done -> optimistic());
      default -> reads.thenCompose(done -> pessimistic());
    };
  }

  private CompletableFuture<Void> optimistic() {
    plan(false);
    return new Committer(this).run();
  }

  private CompletableFuture<Void> pessimistic() {
    plan(true);
    sim.pessimistic++;
    return new PessimisticLocks(this).run().thenCompose(done -> new Committer(this).run());
  }

  private void plan(boolean pessimistic) {
    Set<String> keys = new HashSet<>();
    for (int i = 1 + sim.random.nextInt(4); i > 0; i--) {
      String key = sim.key(sim.random.nextInt(sim.options.keys()));
      if (keys.add(key)) {
        changes.add(change(key, pessimistic || changes.isEmpty()));
      }
    }
    primary = changes.getFirst().key();
  }

  private Change change(String key, boolean locks) {
    int dice = sim.random.nextInt(20);
    Op op =
        dice < 12
            ? Op.Put
            : dice < 15
                ? Op.Del
                : dice < 17 ? Op.Insert : dice < 19 || locks ? Op.Lock : Op.CheckNotExists;
    boolean hasValue = op == Op.Put || op == Op.Insert;
    return new Change(key, op, hasValue ? Optional.of(newValue(key)) : Optional.empty());
  }

  String newValue(String key) {
    String value = startTs + key + sim.random.nextInt(10);
    return sim.random.nextInt(4) == 0 ? value + "-".repeat(LONG_VALUE) : value;
  }

  /** Tells the history what is going to be committed, if anything is. */
  void intend() {
    Map<String, Optional<String>> writes = new LinkedHashMap<>();
    Map<String, Long> guards = new HashMap<>();
    Set<String> absent = new HashSet<>();
    Set<String> written = new HashSet<>();
    for (Change change : changes) {
      if (change.op() != Op.CheckNotExists) {
        written.add(change.key());
        guards.put(change.key(), lockedAt.getOrDefault(change.key(), startTs));
      }
      if (change.op() != Op.CheckNotExists && change.op() != Op.Lock) {
        writes.put(change.key(), change.value());
      }
      boolean checked = change.op() == Op.Insert || change.op() == Op.CheckNotExists;
      if (checked && !lockedAt.containsKey(change.key())) {
        absent.add(change.key());
      }
    }
    sim.history.intend(new TxnHistory.Intent(startTs, writes, guards, absent, written));
  }

  /**
   * Gets the locks that are named by errors out of the way.
   *
   * @return null when some error is not about a lock, and the transaction has failed
   */
  @Nullable CompletableFuture<Void> resolve(List<KeyError> errors) {
    List<LockInfo> locks = new ArrayList<>();
    for (KeyError error : errors) {
      if (!error.hasLocked()) {
        return null;
      }
      locks.add(error.getLocked());
    }
    long caller = sim.random.nextBoolean() ? startTs : 0;
    return session
        .forAll(
            locks,
            lock -> resolver.resolve(lock, caller, sim.oracle.next()).thenApply(fate -> null))
        .thenCompose(done -> session.pause());
  }

  /** Sometimes a client sleeps until others have come to think that it is dead. */
  CompletableFuture<Void> mayOversleep() {
    return sim.random.nextInt(100) < sim.options.slowPercent()
        ? session.sleep((lockTtlMillis + sim.random.nextInt(200)) * SimOptions.MILLI)
        : CompletableFuture.completedFuture(null);
  }

  static <T> CompletableFuture<T> giveUp(String why) {
    return CompletableFuture.failedFuture(new Unanswered(why));
  }
}
