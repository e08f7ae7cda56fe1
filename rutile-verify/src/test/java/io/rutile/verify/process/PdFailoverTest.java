package io.rutile.verify.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.clock.Clock;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three PD processes, whose leader is killed or stopped in its tracks again and again while clients
 * take timestamps: each is greater than all that were answered before it was asked for. The goal
 * for an outage is PD's lease of five seconds and one more; the test allows for a busy machine.
 */
class PdFailoverTest {
  private static final Duration OUTAGE_MAX = Duration.ofSeconds(12);

  private static final int CLIENTS = 3;

  @TempDir Path directory;

  private final AtomicLong greatest = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong lastAnswerNanos = new AtomicLong();
  private final AtomicLong longestGapNanos = new AtomicLong();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<String> violations = new ArrayList<>();

  @Test
  void timestampsOnlyGrowWhileLeadersAreKilled() throws Exception {
    run(3);
  }

  @Test
  @Tag("night")
  void timestampsOnlyGrowWhileLeadersAreKilledAllNight() throws Exception {
    run(60);
  }

  private void run(int kills) throws Exception {
    long seed = Long.getLong("rutile.seed", System.nanoTime());
    Random random = new Random(seed);
    try (PdProcesses group = PdProcesses.start(directory, 3);
        ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
        GrpcPdClient client =
            GrpcPdClient.connect(
                channels, group.endpoints(), Clock.system(), Duration.ofSeconds(60))) {
      client.tso().join();
      lastAnswerNanos.set(System.nanoTime());
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofPlatform().start(() -> takeTimestamps(client)));
      }
      for (int kill = 0; kill < kills; kill++) {
        awaitAnswers(500);
        fell(group, leader(group, client), random);
      }
      awaitAnswers(500);
      stop.set(true);
      for (Thread thread : clients) {
        thread.join();
      }
    }
    System.out.printf(
        "RESULT pd-failover seed=%d kills=%d timestamps=%d longest-outage=%d ms violations=%d%n",
        seed, kills, answered.get(), longestGapNanos.get() / 1_000_000, violations.size());
    assertThat(violations).as("seed %d", seed).isEmpty();
    assertThat(Duration.ofNanos(longestGapNanos.get())).as("seed %d", seed).isLessThan(OUTAGE_MAX);
  }

  /** Kills the leader, or stops it for as long as it takes the others to elect a new one. */
  private void fell(PdProcesses group, int leader, Random random) {
    if (random.nextInt(3) == 0) {
      group.process(leader).pause();
      awaitAnswers(200);
      group.process(leader).resume();
    } else {
      group.process(leader).kill();
      awaitAnswers(200);
      group.restart(leader);
    }
  }

  private static int leader(PdProcesses group, GrpcPdClient client) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> group.memberAt(client.leaderAddress()), member -> member >= 0);
  }

  private void awaitAnswers(long more) {
    long goal = answered.get() + more;
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> answered.get() >= goal);
  }

  private void takeTimestamps(GrpcPdClient client) {
    while (!stop.get()) {
      long before = greatest.get();
      long timestamp;
      try {
        timestamp = client.tso().join();
      } catch (CompletionException noLeader) {
        continue;
      }
      long now = System.nanoTime();
      long gap = now - lastAnswerNanos.getAndSet(now);
      longestGapNanos.accumulateAndGet(gap, Math::max);
      if (timestamp <= before) {
        synchronized (violations) {
          violations.add(timestamp + " after " + before);
        }
      }
      greatest.accumulateAndGet(timestamp, Math::max);
      answered.incrementAndGet();
    }
  }
}
