package io.rutile.verify.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides snapshot isolation by replaying a history in the order of its own timestamps, in O(n log
 * n):
 *
 * <ol>
 *   <li>commit timestamps are greater than start timestamps, and two transactions that wrote one
 *       key never share one;
 *   <li>each read equals the newest version at or below the reader's start timestamp;
 *   <li>nobody committed a write of a key between the moment from which a transaction guards it and
 *       that transaction's commit (first committer wins);
 *   <li>real time: when the commit of A was answered before B began, then B sees it: commit(A) is
 *       not above start(B).
 * </ol>
 *
 * <p>It trusts the timestamps; a checker of dependency cycles, which does not, is its complement.
 * Write skew is allowed under snapshot isolation and not reported.
 */
public final class TimestampReplayChecker {
  /** A broken promise, in words. */
  public record Violation(String rule, String detail) {}

  private TimestampReplayChecker() {}

  /** All violations found, the empty list for a correct history. */
  public static List<Violation> check(List<Transaction> history) {
    List<Violation> violations = new ArrayList<>();
    Map<String, TreeMap<Long, Transaction>> versions = index(history, violations);
    for (Transaction transaction : history) {
      checkReads(transaction, versions, violations);
    }
    checkGuards(history, versions, violations);
    checkRealTime(history, violations);
    return violations;
  }

  private static Map<String, TreeMap<Long, Transaction>> index(
      List<Transaction> history, List<Violation> violations) {
    Map<String, TreeMap<Long, Transaction>> versions = new HashMap<>();
    for (Transaction transaction : history) {
      if (transaction.readOnly()) {
        continue;
      }
      if (Long.compareUnsigned(transaction.commitTs(), transaction.startTs()) <= 0) {
        violations.add(new Violation("commit after start", transaction.toString()));
      }
      for (String key : transaction.writes().keySet()) {
        Transaction other =
            versions
                .computeIfAbsent(key, any -> new TreeMap<>(Long::compareUnsigned))
                .put(transaction.commitTs(), transaction);
        if (other != null) {
          violations.add(new Violation("one writer a version", other + " and " + transaction));
        }
      }
    }
    return versions;
  }

  private static void checkReads(
      Transaction reader,
      Map<String, TreeMap<Long, Transaction>> versions,
      List<Violation> violations) {
    reader
        .reads()
        .forEach((key, read) -> {
          TreeMap<Long, Transaction> writers = versions.get(key);
          Map.Entry<Long, Transaction> newest =
              writers == null ? null : writers.floorEntry(reader.startTs());
          Optional<String> expected =
              newest == null
                  ? Optional.empty()
                  : newest.getValue().writes().getOrDefault(key, Optional.empty());
          if (!expected.equals(read)) {
            violations.add(
                new Violation(
                    "read of the snapshot",
                    key + " was " + expected + " for " + reader + ", which read " + read));
          }
        });
  }

  private static void checkGuards(
      List<Transaction> history,
      Map<String, TreeMap<Long, Transaction>> versions,
      List<Violation> violations) {
    for (Transaction transaction : history) {
      if (transaction.commitTs() == 0) {
        continue;
      }
      transaction
          .guards()
          .forEach((key, from) -> {
            TreeMap<Long, Transaction> writers = versions.get(key);
            Map.Entry<Long, Transaction> intruder =
                writers == null ? null : writers.lowerEntry(transaction.commitTs());
            if (intruder != null && Long.compareUnsigned(intruder.getKey(), from) > 0) {
              violations.add(
                  new Violation(
                      "first committer wins",
                      key + " by " + intruder.getValue() + " and " + transaction));
            }
          });
    }
  }

  /** Sweeps in time, keeping the greatest commit timestamp that was answered so far. */
  private static void checkRealTime(List<Transaction> history, List<Violation> violations) {
    List<Transaction> byBegin = new ArrayList<>(history);
    byBegin.sort(Comparator.comparingLong(Transaction::begunNanos));
    List<Transaction> byEnd = new ArrayList<>(history);
    byEnd.removeIf(t -> t.readOnly() || t.endedNanos() == Operation.OPEN);
    byEnd.sort(Comparator.comparingLong(Transaction::endedNanos));
    int ended = 0;
    Transaction latest = null;
    for (Transaction transaction : byBegin) {
      while (ended < byEnd.size() && byEnd.get(ended).endedNanos() < transaction.begunNanos()) {
        Transaction candidate = byEnd.get(ended++);
        if (latest == null || Long.compareUnsigned(candidate.commitTs(), latest.commitTs()) > 0) {
          latest = candidate;
        }
      }
      if (latest != null && Long.compareUnsigned(latest.commitTs(), transaction.startTs()) > 0) {
        violations.add(
            new Violation("real time", latest + " was answered before " + transaction + " began"));
      }
    }
  }
}
