package io.rutile.verify.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.verify.check.TimestampReplayChecker.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimestampReplayCheckerTest {
  @Test
  void aSerialHistoryIsFine() {
    assertThat(
            rules(
                txn(1, 2, Map.of(), Map.of("k", "a"), 0, 1),
                txn(3, 4, Map.of("k", "a"), Map.of("k", "b"), 2, 3),
                txn(5, 0, Map.of("k", "b"), Map.of(), 4, 5)))
        .isEmpty();
  }

  @Test
  void aLostUpdateIsFound() {
    assertThat(
            rules(
                txn(1, 2, Map.of(), Map.of("k", "0"), 0, 1),
                txn(3, 6, Map.of("k", "0"), Map.of("k", "1"), 2, 9),
                txn(4, 7, Map.of("k", "0"), Map.of("k", "1"), 2, 9)))
        .containsExactly("first committer wins");
  }

  @Test
  void writeSkewIsAllowed() {
    assertThat(
            rules(
                txn(3, 6, Map.of(), Map.of("a", "1"), 2, 9),
                txn(4, 7, Map.of(), Map.of("b", "1"), 2, 9)))
        .isEmpty();
  }

  @Test
  void aReadFromTheFutureOrThePastIsFound() {
    Transaction writer = txn(1, 5, Map.of(), Map.of("k", "a"), 0, 1);
    assertThat(rules(writer, txn(4, 0, Map.of("k", "a"), Map.of(), 0, 1)))
        .containsExactly("read of the snapshot");
    assertThat(rules(writer, new Transaction(6, 0, Map.of("k", Optional.empty()), Map.of(), 2, 3)))
        .containsExactly("read of the snapshot");
  }

  @Test
  void aStartTimestampThatIsTooOldForItsTimeIsFound() {
    assertThat(
            rules(
                txn(1, 10, Map.of(), Map.of("k", "a"), 0, 1), txn(9, 0, Map.of(), Map.of(), 5, 6)))
        .containsExactly("real time");
  }

  @Test
  void twoWritersOfOneVersionAreFound() {
    assertThat(
            rules(
                txn(1, 5, Map.of(), Map.of("k", "a"), 0, 9),
                txn(2, 5, Map.of(), Map.of("k", "b"), 0, 9)))
        .contains("one writer a version");
  }

  /**
   * Histories made by a correct multi-version store pass, and a value that is changed afterwards is
   * found.
   */
  @Test
  void randomHistories() {
    for (long seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      List<Transaction> history = record(random);
      assertThat(TimestampReplayChecker.check(history)).as("seed %d", seed).isEmpty();
      int victim = random.nextInt(history.size());
      Transaction honest = history.get(victim);
      Map<String, Optional<String>> reads = new HashMap<>(honest.reads());
      reads.put("k0", Optional.of("never written"));
      history.set(
          victim,
          new Transaction(honest.startTs(), honest.commitTs(), reads, honest.writes(), 0, 0));
      assertThat(TimestampReplayChecker.check(history)).as("seed %d", seed).isNotEmpty();
    }
  }

  private static List<Transaction> record(Random random) {
    Map<String, TreeMap<Long, String>> store = new HashMap<>();
    List<Transaction> history = new ArrayList<>();
    long ts = 1;
    for (int i = 0; i < 50; i++) {
      long start = ts++;
      Map<String, Optional<String>> reads = new HashMap<>();
      Map<String, Optional<String>> writes = new HashMap<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        String key = "k" + random.nextInt(5);
        Map.Entry<Long, String> version =
            store.getOrDefault(key, new TreeMap<>()).floorEntry(start);
        reads.put(key, Optional.ofNullable(version).map(Map.Entry::getValue));
        if (random.nextBoolean()) {
          writes.put(key, Optional.of("v" + i + "." + j));
        }
      }
      long commit = writes.isEmpty() ? 0 : ts++;
      writes.forEach((key, value) ->
          store.computeIfAbsent(key, any -> new TreeMap<>()).put(commit, value.orElseThrow()));
      history.add(new Transaction(start, commit, reads, writes, i, i));
    }
    return history;
  }

  private static List<String> rules(Transaction... history) {
    return TimestampReplayChecker.check(List.of(history)).stream().map(Violation::rule).toList();
  }

  private static Transaction txn(
      long start,
      long commit,
      Map<String, String> reads,
      Map<String, String> writes,
      long begun,
      long ended) {
    return new Transaction(start, commit, optional(reads), optional(writes), begun, ended);
  }

  private static Map<String, Optional<String>> optional(Map<String, String> values) {
    Map<String, Optional<String>> wrapped = new HashMap<>();
    values.forEach((key, value) -> wrapped.put(key, Optional.of(value)));
    return wrapped;
  }
}
