package io.rutile.txn.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.clock.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  @Test
  void highPriorityRunsBeforeNormalBeforeLow() throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(3);
    List<String> ran = new CopyOnWriteArrayList<>();
    try (WorkerPool pool = new WorkerPool(WorkerPool.threads("test"), 1, 100, Clock.system())) {
      pool.offer(Priority.NORMAL, () -> awaitUninterrupted(gate));
      while (pool.queued() > 0) {
        Thread.onSpinWait();
      }
      for (Priority priority : List.of(Priority.LOW, Priority.NORMAL, Priority.HIGH)) {
        pool.offer(
            priority,
            () -> {
              ran.add(priority.name());
              all.countDown();
            });
      }
      gate.countDown();
      assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(ran).containsExactly("HIGH", "NORMAL", "LOW");
  }

  @Test
  void aFullPoolRefusesNewTasksButNotContinuations() {
    CountDownLatch gate = new CountDownLatch(1);
    List<String> ran = new CopyOnWriteArrayList<>();
    try (WorkerPool pool = new WorkerPool(WorkerPool.threads("test"), 1, 1, Clock.system())) {
      pool.offer(Priority.NORMAL, () -> awaitUninterrupted(gate));
      while (pool.queued() > 0) {
        Thread.onSpinWait();
      }
      assertThat(pool.offer(Priority.NORMAL, () -> ran.add("waits"))).isTrue();
      assertThat(pool.offer(Priority.NORMAL, () -> ran.add("refused"))).isFalse();
      pool.resume(Priority.NORMAL, () -> ran.add("continues"));
      gate.countDown();
    }
    assertThat(ran).containsExactly("waits", "continues");
  }

  @Test
  void aTaskThatFailsDoesNotEndItsThread() throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    try (WorkerPool pool = new WorkerPool(WorkerPool.threads("test"), 1, 10, Clock.system())) {
      pool.offer(
          Priority.NORMAL,
          () -> {
            throw new IllegalStateException("expected by the test");
          });
      pool.offer(Priority.NORMAL, ran::countDown);
      assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void closedPoolsRefuseTasksAndRunContinuationsAtOnce() {
    WorkerPool pool = new WorkerPool(WorkerPool.threads("test"), 2, 10, Clock.system());
    pool.close();
    List<String> ran = new CopyOnWriteArrayList<>();
    assertThat(pool.offer(Priority.HIGH, () -> ran.add("new"))).isFalse();
    pool.resume(Priority.HIGH, () -> ran.add("continuation"));
    assertThat(ran).containsExactly("continuation");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
