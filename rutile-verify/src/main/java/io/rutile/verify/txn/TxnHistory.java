package io.rutile.verify.txn;

import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.proto.kvrpcpb.Action;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteCodec;
import io.rutile.txn.record.WriteType;
import io.rutile.verify.check.Operation;
import io.rutile.verify.check.TimestampReplayChecker;
import io.rutile.verify.check.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What everybody did and was told, and what the regions applied. The commit records that were
 * applied are the truth; {@link #check} holds the rest against it.
 */
final class TxnHistory {
  /**
   * What a transaction is about to commit.
   *
   * @param writes new values, empty for a deletion
   * @param guards the keys it has locked or writes, with the timestamps from which nobody else may
   *     have written them
   * @param absent keys that must not have existed
   * @param written every key that gets a commit record
   */
  record Intent(
      long startTs,
      Map<String, Optional<String>> writes,
      Map<String, Long> guards,
      Set<String> absent,
      Set<String> written) {}

  private record Answer(long commitTs, long atNanos) {}

  private record Version(String key, long timestamp) {}

  private final SimOracle oracle;
  private final Map<Long, Intent> intents = new HashMap<>();
  private final Map<Long, Long> leastTtlMillis = new HashMap<>();
  private final Map<Long, Long> committed = new HashMap<>();
  private final Map<Long, Set<String>> committedKeys = new HashMap<>();
  private final Map<Long, Answer> acknowledged = new HashMap<>();
  private final Map<Long, Long> verdicts = new HashMap<>();
  private final Map<Version, Write> records = new HashMap<>();
  private final List<Transaction> reads = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private int overlaps;

  TxnHistory(SimOracle oracle) {
    this.oracle = oracle;
  }

  void violation(String text) {
    violations.add(text.replace('\n', ' '));
  }

  void intend(Intent intent) {
    intents.put(intent.startTs(), intent);
  }

  /** No lock of the transaction lives for less. */
  void begun(long startTs, long ttlMillis) {
    leastTtlMillis.put(startTs, ttlMillis);
  }

  void read(long timestamp, Map<String, Optional<String>> values) {
    reads.add(
        new Transaction(
            timestamp,
            0,
            Map.copyOf(values),
            Map.of(),
            oracle.givenAtNanos(timestamp),
            Operation.OPEN));
  }

  void acknowledge(long startTs, long commitTs, long nowNanos) {
    acknowledged.put(startTs, new Answer(commitTs, nowNanos));
    verdict(startTs, commitTs);
  }

  /** Somebody was told what became of a transaction; 0 for rolled back. It is said once for all. */
  void verdict(long startTs, long commitTs) {
    Long before = verdicts.putIfAbsent(startTs, commitTs);
    if (before != null && before != commitTs) {
      violation(startTs + " was committed at " + before + " and then at " + commitTs);
    }
  }

  /** The end of a transaction as its primary tells it. */
  void onStatus(LockInfo lock, CheckTxnStatusRequest asked, CheckTxnStatusResponse status) {
    long startTs = asked.getLockTs();
    boolean expiry =
        status.getAction() == Action.TTLExpireRollback
            || status.getAction() == Action.TTLExpirePessimisticRollback;
    long ttl = leastTtlMillis.getOrDefault(startTs, 0L);
    long current = asked.getCurrentTs();
    if (expiry
        && !TimeStamp.isMax(current)
        && TimeStamp.physicalMillis(startTs) + ttl >= TimeStamp.physicalMillis(current)) {
      violation(startTs + " was rolled back before its time was over: " + asked);
    }
    boolean open =
        lock.getLockType() == Op.PessimisticLock
            && (status.getAction() == Action.TTLExpirePessimisticRollback
                || status.getAction() == Action.LockNotExistDoNothing);
    if (!open) {
      verdict(startTs, status.getCommitVersion());
    }
  }

  // ---- the truth ----

  void applied(WriteBatchData data) {
    for (Modify modify : data.modifies()) {
      if (modify instanceof Modify.Put put && put.cf() == Cf.WRITE) {
        Version version =
            new Version(
                Records.rawKey(KeyCodec.truncateTimestamp(put.key())),
                KeyCodec.timestamp(put.key()));
        applied(version, WriteCodec.decode(put.value()));
      } else if (modify instanceof Modify.Delete delete && delete.cf() == Cf.WRITE) {
        records.remove(
            new Version(
                Records.rawKey(KeyCodec.truncateTimestamp(delete.key())),
                KeyCodec.timestamp(delete.key())));
      }
    }
  }

  private void applied(Version version, Write write) {
    Write before = records.put(version, write);
    if (write.hasOverlappedRollback()) {
      overlaps++;
    }
    if (write.type() == WriteType.ROLLBACK) {
      if (before != null && before.type() != WriteType.ROLLBACK) {
        violation("a rollback replaced a commit: " + version + " " + before);
      }
      return;
    }
    if (before != null && !mayReplace(before, write)) {
      violation(version + " was " + before + ", became " + write);
    }
    Long other = committed.put(write.startTs(), version.timestamp());
    if (other != null && other != version.timestamp()) {
      violation(write.startTs() + " is committed at " + other + " and " + version);
    }
    committedKeys.computeIfAbsent(write.startTs(), startTs -> new HashSet<>()).add(version.key());
  }

  /** A commit record may come over one of its own, or over the rollback that it goes on to tell. */
  private static boolean mayReplace(Write before, Write write) {
    if (before.type() == WriteType.ROLLBACK) {
      return !before.isProtectedRollback() || write.hasOverlappedRollback();
    }
    return before.startTs() == write.startTs()
        && (!before.hasOverlappedRollback() || write.hasOverlappedRollback());
  }

  int committedTxns() {
    return committed.size();
  }

  int reads() {
    return reads.size();
  }

  /** Commit records that stand for a rollback too. */
  int overlaps() {
    return overlaps;
  }

  // ---- the check ----

  /** Everything that is wrong; nothing when all promises were kept. */
  List<String> check() {
    acknowledged.forEach((startTs, answer) -> checkAnswer(startTs, answer.commitTs()));
    verdicts.forEach(this::checkAnswer);
    List<Transaction> history = new ArrayList<>(reads);
    committed.forEach((startTs, commitTs) -> {
      Transaction transaction = committedTxn(startTs, commitTs);
      if (transaction != null) {
        history.add(transaction);
      }
    });
    for (TimestampReplayChecker.Violation violation : TimestampReplayChecker.check(history)) {
      violation(violation.toString());
    }
    return violations;
  }

  private void checkAnswer(long startTs, long commitTs) {
    long truth = committed.getOrDefault(startTs, 0L);
    Intent intent = intents.get(startTs);
    boolean wrote = intent != null && !intent.written().isEmpty();
    if (truth != commitTs && (wrote || truth != 0)) {
      violation(startTs + " was told to be committed at " + commitTs + ", truth is " + truth);
    }
  }

  private @Nullable Transaction committedTxn(long startTs, long commitTs) {
    Intent intent = intents.get(startTs);
    Set<String> keys = committedKeys.getOrDefault(startTs, Set.of());
    if (intent == null || !intent.written().equals(keys)) {
      violation(startTs + "@" + commitTs + " committed " + keys + ", meant " + intent);
      return null;
    }
    Map<String, Optional<String>> absent = new HashMap<>();
    intent.absent().forEach(key -> absent.put(key, Optional.empty()));
    Answer answer = acknowledged.get(startTs);
    return new Transaction(
        startTs,
        commitTs,
        absent,
        intent.writes(),
        intent.guards(),
        oracle.givenAtNanos(startTs),
        answer == null ? Operation.OPEN : answer.atNanos());
  }
}
