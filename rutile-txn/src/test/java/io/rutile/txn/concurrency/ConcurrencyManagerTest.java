package io.rutile.txn.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.clock.ManualTimers;
import io.rutile.base.codec.TimeStamp;
import io.rutile.txn.command.ConcurrencyView.Guard;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConcurrencyManagerTest {
  private final ManualTimers clock = new ManualTimers(0);
  private final ConcurrencyManager manager =
      new ConcurrencyManager(10, clock, Duration.ofSeconds(60));

  private static Lock lock(long startTs, long minCommitTs) {
    return Lock.builder(LockType.PUT, "p".getBytes(), startTs).minCommitTs(minCommitTs).build();
  }

  private List<Long> seen(String key) {
    List<Long> starts = new ArrayList<>();
    manager.checkKey(key.getBytes(), (k, lock) -> starts.add(lock.startTs()));
    return starts;
  }

  @Test
  void maxTsOnlyRisesAndIgnoresTheLatestVersion() {
    manager.updateMaxTs(20, false);
    manager.updateMaxTs(15, false);
    manager.updateMaxTs(TimeStamp.MAX, false);
    assertThat(manager.maxTs()).isEqualTo(20);
  }

  @Test
  void timestampsBeyondTheOracleAreRefused() {
    long now = TimeStamp.compose(1_000_000, 0);
    manager.onOracleTimestamp(now);
    manager.updateMaxTs(TimeStamp.compose(1_059_000, 0), false);
    assertThatThrownBy(() -> manager.updateMaxTs(TimeStamp.compose(1_061_000, 0), false))
        .isInstanceOf(RegionErrorException.class)
        .hasMessageContaining("invalid max_ts update");
    assertThatThrownBy(() -> manager.updateMaxTs(TimeStamp.compose(1_060_500, 0), true))
        .isInstanceOf(RegionErrorException.class);
    clock.advanceNanos(TimeUnit.SECONDS.toNanos(2));
    manager.updateMaxTs(TimeStamp.compose(1_061_000, 0), false);
    assertThat(manager.maxTs()).isEqualTo(TimeStamp.compose(1_061_000, 0));
  }

  @Test
  void publishedLocksAreSeenByKeyAndRangeUntilTheirHandleIsClosed() {
    Guard guard = manager.lockKey("b".getBytes());
    assertThat(seen("b")).isEmpty();
    guard.publish(maxTs -> lock(5, maxTs + 1));
    assertThat(seen("b")).containsExactly(5L);
    assertThat(seen("a")).isEmpty();
    List<String> inRange = new ArrayList<>();
    manager.checkRange("a".getBytes(), "b".getBytes(), (k, l) -> inRange.add(new String(k)));
    assertThat(inRange).isEmpty();
    manager.checkRange("a".getBytes(), new byte[0], (k, l) -> inRange.add(new String(k)));
    assertThat(inRange).containsExactly("b");
    assertThat(manager.globalMinLock()).isEqualTo(OptionalLong.of(5));
    guard.close();
    guard.close();
    assertThat(seen("b")).isEmpty();
    assertThat(manager.size()).isZero();
    assertThat(manager.globalMinLock()).isEmpty();
  }

  @Test
  void aKeyNamedTwiceByOneCommandStaysUntilItsLastHandleIsClosed() {
    Guard first = manager.lockKey("k".getBytes());
    Guard second = manager.lockKey("k".getBytes());
    first.publish(maxTs -> lock(7, 0));
    first.close();
    assertThat(seen("k")).containsExactly(7L);
    second.close();
    assertThat(manager.size()).isZero();
  }

  /**
   * The promise of async commit: a reader that finds no lock has raised max_ts before the writer
   * computed its commit timestamp, so a commit at or below its read timestamp is impossible.
   */
  @Test
  void readersSeeTheLockOrTheWriterSeesTheRead() throws InterruptedException {
    int rounds = 200_000;
    AtomicInteger violations = new AtomicInteger();
    AtomicLong oracle = new AtomicLong(1_000);
    AtomicLong round = new AtomicLong();
    long[] minCommitTs = new long[rounds];
    long[] missedReadTs = new long[rounds];
    byte[] key = "k".getBytes();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < rounds; i++) {
                awaitRound(round, 2L * i);
                try (Guard guard = manager.lockKey(key)) {
                  Lock made = guard.publish(maxTs -> lock(1, maxTs + 1));
                  minCommitTs[i] = made == null ? 0 : made.minCommitTs();
                  round.incrementAndGet();
                  awaitRound(round, 2L * i + 2);
                }
              }
            });
    for (int i = 0; i < rounds; i++) {
      long readTs = oracle.incrementAndGet();
      manager.updateMaxTs(readTs, false);
      boolean[] found = {false};
      manager.checkKey(key, (k, lock) -> found[0] = true);
      missedReadTs[i] = found[0] ? 0 : readTs;
      awaitRound(round, 2L * i + 1);
      if (missedReadTs[i] != 0 && minCommitTs[i] <= missedReadTs[i]) {
        violations.incrementAndGet();
      }
      round.incrementAndGet();
    }
    writer.join();
    assertThat(violations).hasValue(0);
  }

  private static void awaitRound(AtomicLong round, long at) {
    while (round.get() < at) {
      Thread.onSpinWait();
    }
  }
}
