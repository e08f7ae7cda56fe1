package io.rutile.base.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimersTest {
  @Test
  void manualTimersRunDueTasksInOrderOfTime() {
    ManualTimers timers = new ManualTimers(1_000);
    List<String> ran = new ArrayList<>();
    timers.after(20, () -> ran.add("b@" + timers.monotonicNanos()));
    timers.after(10, () -> ran.add("a@" + timers.monotonicNanos()));
    timers.after(20, () -> ran.add("c"));
    timers.after(30, () -> ran.add("later"));
    timers.advanceNanos(25);
    assertThat(ran).containsExactly("a@10", "b@20", "c");
    assertThat(timers.monotonicNanos()).isEqualTo(25);
    timers.advanceNanos(3_000_000);
    assertThat(timers.wallMillis()).isEqualTo(1_003);
  }

  @Test
  void tasksOfTasksRunWhenTheyFallDueWithinTheSameMove() {
    ManualTimers timers = new ManualTimers(0);
    List<Long> ran = new ArrayList<>();
    timers.after(5, () -> timers.after(5, () -> ran.add(timers.monotonicNanos())));
    timers.advanceNanos(10);
    assertThat(ran).containsExactly(10L);
  }

  @Test
  void cancelledTasksDoNotRun() {
    ManualTimers timers = new ManualTimers(0);
    List<String> ran = new ArrayList<>();
    Timers.Timeout timeout = timers.after(5, () -> ran.add("cancelled"));
    assertThat(timeout.cancel()).isTrue();
    assertThat(timeout.cancel()).isFalse();
    timers.advanceNanos(10);
    assertThat(ran).isEmpty();
  }

  @Test
  void threadTimersRunTasksAndSurviveOneThatFails() throws InterruptedException {
    try (ThreadTimers timers = new ThreadTimers("timers-test")) {
      CountDownLatch ran = new CountDownLatch(1);
      timers.after(
          0,
          () -> {
            throw new IllegalStateException("expected by the test");
          });
      timers.after(1_000, ran::countDown);
      assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
