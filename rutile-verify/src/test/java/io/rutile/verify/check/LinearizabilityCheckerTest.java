package io.rutile.verify.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.verify.check.LinearizabilityChecker.Verdict;
import io.rutile.verify.check.RegisterModel.Answer;
import io.rutile.verify.check.RegisterModel.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {
  private final List<Operation<Call, Answer>> history = new ArrayList<>();
  private final LinearizabilityChecker<Optional<String>, Call, Answer> checker =
      new LinearizabilityChecker<>(new RegisterModel(), 10_000_000);

  @Test
  void aReadThatOverlapsAWriteMaySeeEitherValue() {
    put(0, "k", "a", 0, 10);
    put(1, "k", "b", 20, 40);
    get(2, "k", "a", 25, 30);
    get(3, "k", "b", 26, 31);
    assertThat(verdict()).isEqualTo(Verdict.LINEARIZABLE);
  }

  @Test
  void aLaterReadMustNotSeeAnOlderValue() {
    put(0, "k", "a", 0, 10);
    put(1, "k", "b", 20, 40);
    get(2, "k", "b", 25, 30);
    get(3, "k", "a", 31, 35);
    assertThat(verdict()).isEqualTo(Verdict.NOT_LINEARIZABLE);
  }

  @Test
  void aStaleReadAfterAnAnsweredWriteIsFound() {
    put(0, "k", "a", 0, 10);
    get(1, "k", null, 11, 12);
    assertThat(verdict()).isEqualTo(Verdict.NOT_LINEARIZABLE);
  }

  @Test
  void anOpenWriteMayTakeEffectLateOrNever() {
    history.add(new Operation<>(0, new Call.Put("k", "a"), 0, Answer.DONE, Operation.OPEN));
    get(1, "k", null, 10, 20);
    get(1, "k", "a", 30, 40);
    assertThat(verdict()).isEqualTo(Verdict.LINEARIZABLE);
    get(1, "k", null, 50, 60);
    assertThat(verdict()).isEqualTo(Verdict.NOT_LINEARIZABLE);
  }

  @Test
  void anOpenWriteThatNobodySawIsNoViolation() {
    history.add(new Operation<>(0, new Call.Put("k", "a"), 0, Answer.DONE, Operation.OPEN));
    get(1, "k", null, 10, 20);
    assertThat(verdict()).isEqualTo(Verdict.LINEARIZABLE);
  }

  @Test
  void twoSwapsFromOneValueCannotBothSucceed() {
    put(0, "k", "0", 0, 1);
    swap(1, "k", "0", "1", true, "0", 2, 10);
    swap(2, "k", "0", "2", true, "0", 3, 11);
    assertThat(verdict()).isEqualTo(Verdict.NOT_LINEARIZABLE);
  }

  @Test
  void keysAreIndependent() {
    put(0, "a", "1", 0, 1);
    get(1, "b", "1", 2, 3);
    assertThat(checker.check(history).culprit()).hasSize(1);
  }

  @Test
  void aBudgetThatIsUsedUpIsNotAVerdict() {
    put(0, "k", "a", 0, 10);
    put(1, "k", "b", 0, 10);
    get(2, "k", "c", 0, 10);
    assertThat(new LinearizabilityChecker<>(new RegisterModel(), 1).check(history).verdict())
        .isEqualTo(Verdict.UNKNOWN);
  }

  /**
   * Histories made by a real register are accepted; the same ones with one read changed to a value
   * never written are not.
   */
  @Test
  void randomHistoriesOfARegister() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      history.clear();
      List<Integer> reads = recordRandomHistory(random);
      assertThat(verdict()).as("seed %d", seed).isEqualTo(Verdict.LINEARIZABLE);
      if (!reads.isEmpty()) {
        int victim = reads.get(random.nextInt(reads.size()));
        Operation<Call, Answer> read = history.get(victim);
        history.set(
            victim,
            new Operation<>(
                read.client(),
                read.input(),
                read.call(),
                Answer.read(Optional.of("never written")),
                read.returned()));
        assertThat(verdict()).as("seed %d", seed).isEqualTo(Verdict.NOT_LINEARIZABLE);
      }
    }
  }

  /**
   * Each operation takes effect at its own moment, then the call and the answer are pulled apart at
   * random.
   */
  private List<Integer> recordRandomHistory(Random random) {
    List<Integer> reads = new ArrayList<>();
    Optional<String> value = Optional.empty();
    int operations = 5 + random.nextInt(60);
    for (int i = 0; i < operations; i++) {
      long moment = 10L * i;
      long call = moment - random.nextInt(40);
      long returned = moment + random.nextInt(40);
      switch (random.nextInt(3)) {
        case 0 -> {
          value = Optional.of("v" + i);
          boolean open = random.nextInt(8) == 0;
          history.add(
              new Operation<>(
                  i,
                  new Call.Put("k", "v" + i),
                  call,
                  Answer.DONE,
                  open ? Operation.OPEN : returned));
        }
        case 1 -> {
          reads.add(history.size());
          history.add(new Operation<>(i, new Call.Get("k"), call, Answer.read(value), returned));
        }
        default -> {
          boolean hit = random.nextBoolean();
          Optional<String> expected = hit ? value : Optional.of("other" + i);
          history.add(
              new Operation<>(
                  i,
                  new Call.CompareAndSwap("k", expected, "s" + i),
                  call,
                  Answer.swap(hit, value),
                  returned));
          value = hit ? Optional.of("s" + i) : value;
        }
      }
    }
    return reads;
  }

  private Verdict verdict() {
    return checker.check(history).verdict();
  }

  private void put(int client, String key, String value, long call, long returned) {
    history.add(new Operation<>(client, new Call.Put(key, value), call, Answer.DONE, returned));
  }

  private void get(int client, String key, String value, long call, long returned) {
    history.add(
        new Operation<>(
            client, new Call.Get(key), call, Answer.read(Optional.ofNullable(value)), returned));
  }

  private void swap(
      int client,
      String key,
      String expected,
      String value,
      boolean swapped,
      String found,
      long call,
      long returned) {
    history.add(
        new Operation<>(
            client,
            new Call.CompareAndSwap(key, Optional.of(expected), value),
            call,
            Answer.swap(swapped, Optional.of(found)),
            returned));
  }
}
