package io.rutile.txn.latch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LatchesTest {
  private final Latches latches = new Latches(1 << 10);
  private final List<String> woken = new ArrayList<>();

  private LatchHold hold(String name, String... keys) {
    List<byte[]> encoded = new ArrayList<>();
    for (String key : keys) {
      encoded.add(key.getBytes());
    }
    return latches.prepare(encoded, () -> woken.add(name));
  }

  @Test
  void commandsWithoutSharedKeysDoNotWait() {
    LatchHold a = hold("a", "k1", "k2");
    LatchHold b = hold("b", "k3");
    assertThat(latches.acquire(a)).isTrue();
    assertThat(latches.acquire(b)).isTrue();
    latches.release(a);
    latches.release(b);
    assertThat(woken).isEmpty();
  }

  @Test
  void waitersOfOneKeyGetItInTheOrderInWhichTheyAsked() {
    LatchHold first = hold("first", "k");
    LatchHold second = hold("second", "k");
    LatchHold third = hold("third", "k");
    assertThat(latches.acquire(first)).isTrue();
    assertThat(latches.acquire(second)).isFalse();
    assertThat(latches.acquire(third)).isFalse();
    latches.release(first);
    assertThat(woken).containsExactly("second");
    latches.release(second);
    latches.release(third);
    assertThat(woken).containsExactly("second", "third");
  }

  @Test
  void aWaiterForSeveralKeysIsWokenOnceByTheLast() {
    LatchHold a = hold("a", "k1");
    LatchHold b = hold("b", "k2");
    LatchHold both = hold("both", "k2", "k1", "k1");
    latches.acquire(a);
    latches.acquire(b);
    assertThat(latches.acquire(both)).isFalse();
    latches.release(a);
    assertThat(woken).isEmpty();
    latches.release(b);
    assertThat(woken).containsExactly("both");
    latches.release(both);
    assertThat(latches.acquire(hold("later", "k1", "k2"))).isTrue();
  }

  @Test
  void aCommandWithoutKeysHasItsLatchesAtOnce() {
    LatchHold none = hold("none");
    assertThat(latches.acquire(none)).isTrue();
    latches.release(none);
  }

  @Test
  void releasingWhatIsNotHeldIsRefused() {
    LatchHold stranger = hold("stranger", "k");
    assertThatThrownBy(() -> latches.release(stranger)).isInstanceOf(IllegalStateException.class);
  }

  /**
   * Commands of random keys on few slots: never two at a time on one slot, every command runs
   * exactly once, and all slots are free at the end.
   */
  @Test
  void randomCommandsExcludeEachOtherAndNoWakeUpIsLost() throws InterruptedException {
    int threads = 4;
    int commandsPerThread = 20_000;
    int keys = 24;
    Latches small = new Latches(16);
    AtomicInteger[] inside = new AtomicInteger[16];
    for (int i = 0; i < inside.length; i++) {
      inside[i] = new AtomicInteger();
    }
    ConcurrentLinkedQueue<Runnable> ready = new ConcurrentLinkedQueue<>();
    AtomicInteger violations = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(threads * commandsPerThread);
    List<Thread> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Random random = new Random(0x51ED + t);
      workers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < commandsPerThread; i++) {
                  new Command(small, randomKeys(random, keys), inside, violations, ready, done)
                      .start();
                  Runnable next = ready.poll();
                  if (next != null) {
                    next.run();
                  }
                }
                while (done.getCount() > 0) {
                  Runnable next = ready.poll();
                  if (next != null) {
                    next.run();
                  } else {
                    Thread.onSpinWait();
                  }
                }
              }));
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).as("commands that never ran").isTrue();
    for (Thread worker : workers) {
      worker.join();
    }
    assertThat(violations).hasValue(0);
    List<byte[]> all = new ArrayList<>();
    for (int k = 0; k < keys; k++) {
      all.add(new byte[] {(byte) k});
    }
    assertThat(small.acquire(small.prepare(all, () -> {}))).isTrue();
  }

  private static List<byte[]> randomKeys(Random random, int keys) {
    List<byte[]> chosen = new ArrayList<>();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      chosen.add(new byte[] {(byte) random.nextInt(keys)});
    }
    return chosen;
  }

  private static final class Command {
    private final Latches latches;
    private final LatchHold hold;
    private final AtomicInteger[] inside;
    private final AtomicInteger violations;
    private final ConcurrentLinkedQueue<Runnable> ready;
    private final CountDownLatch done;

    Command(
        Latches latches,
        List<byte[]> keys,
        AtomicInteger[] inside,
        AtomicInteger violations,
        ConcurrentLinkedQueue<Runnable> ready,
        CountDownLatch done) {
      this.latches = latches;
      this.inside = inside;
      this.violations = violations;
      this.ready = ready;
      this.done = done;
      this.hold = latches.prepare(keys, () -> this.ready.add(this::run));
    }

    void start() {
      if (latches.acquire(hold)) {
        run();
      }
    }

    private void run() {
      for (int slot : hold.slots()) {
        if (inside[slot].incrementAndGet() != 1) {
          violations.incrementAndGet();
        }
      }
      for (int slot : hold.slots()) {
        inside[slot].decrementAndGet();
      }
      latches.release(hold);
      done.countDown();
    }
  }
}
