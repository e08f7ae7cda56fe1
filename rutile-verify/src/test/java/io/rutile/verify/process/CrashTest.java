package io.rutile.verify.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.kvproto.Kvrpcpb.KvPair;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.protobuf.ByteString;

/**
 * Kills a real server process under load, again and again: every write that it acknowledged must be
 * there afterwards, and its timestamps must go on where they were. The official Java client is the
 * judge.
 */
class CrashTest {
  private static final int WRITERS = 4;

  @TempDir Path directory;

  private final Map<ByteString, ByteString> acknowledged = new ConcurrentHashMap<>();
  private long lastTimestamp;

  /** A short run for every build. */
  @Test
  void threeKillsLoseNothing() {
    run(3);
  }

  @Test
  @Tag("night")
  void twentyKillsLoseNothing() {
    run(20);
  }

  private void run(int kills) {
    long seed = Long.getLong("rutile.seed", System.nanoTime());
    Random random = new Random(seed);
    try (Playground playground = Playground.start(directory, 1)) {
      for (int kill = 1; kill <= kills; kill++) {
        int before = acknowledged.size();
        writeUntilKilled(playground, kill, 200 + random.nextInt(800));
        playground.restart();
        verify(playground, "seed " + seed + ", kill " + kill);
        System.out.printf(
            "kill %d: %d writes acknowledged and found%n", kill, acknowledged.size() - before);
      }
      assertThat(lost(playground)).as("seed %d", seed).isEmpty();
    }
    System.out.printf(
        "RESULT crash seed=%d kills=%d acknowledged=%d lost=0%n", seed, kills, acknowledged.size());
  }

  private void writeUntilKilled(Playground playground, int round, int writesMin) {
    int goal = acknowledged.size() + writesMin;
    AtomicBoolean dead = new AtomicBoolean();
    List<Thread> writers = new ArrayList<>();
    try (Session session = new Session(playground)) {
      recordTimestamp(session.timestamp());
      for (int w = 0; w < WRITERS; w++) {
        String prefix = "round" + round + "/writer" + w + "/";
        writers.add(Thread.ofPlatform().start(() -> write(session, prefix, dead)));
      }
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .pollInterval(5, TimeUnit.MILLISECONDS)
          .until(() -> acknowledged.size() >= goal);
      recordTimestamp(session.timestamp());
      dead.set(true);
      playground.process().kill();
      for (Thread writer : writers) {
        join(writer);
      }
    }
  }

  private void write(Session session, String prefix, AtomicBoolean dead) {
    for (int i = 0; ; i++) {
      ByteString key = ByteString.copyFromUtf8(prefix + i);
      ByteString value = ByteString.copyFromUtf8("value of " + prefix + i);
      try {
        session.raw.put(key, value);
        acknowledged.put(key, value);
      } catch (RuntimeException e) {
        if (dead.get()) {
          return; // Not acknowledged: it may be there or not.
        }
        throw e;
      }
    }
  }

  private void verify(Playground playground, String when) {
    try (Session session = new Session(playground)) {
      recordTimestamp(session.timestamp());
    }
    assertThat(lost(playground)).as(when).isEmpty();
  }

  private List<ByteString> lost(Playground playground) {
    List<ByteString> lost = new ArrayList<>();
    try (Session session = new Session(playground)) {
      List<ByteString> keys = new ArrayList<>(acknowledged.keySet());
      for (int from = 0; from < keys.size(); from += 1000) {
        List<ByteString> some =
            new ArrayList<>(keys.subList(from, Math.min(keys.size(), from + 1000)));
        Map<ByteString, ByteString> found = new ConcurrentHashMap<>();
        for (KvPair pair : session.raw.batchGet(some)) {
          found.put(pair.getKey(), pair.getValue());
        }
        for (ByteString key : some) {
          if (!acknowledged.get(key).equals(found.get(key))) {
            lost.add(key);
          }
        }
      }
    }
    return lost;
  }

  private void recordTimestamp(long timestamp) {
    assertThat(timestamp).as("timestamps over restarts").isGreaterThan(lastTimestamp);
    lastTimestamp = timestamp;
  }

  private static void join(Thread writer) {
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The client's objects, closed together. */
  private static final class Session implements AutoCloseable {
    final TiSession session;
    final RawKVClient raw;

    Session(Playground playground) {
      TiConfiguration configuration = TiConfiguration.createRawDefault(playground.pdEndpoint());
      configuration.setRawKVWriteTimeoutInMS(2_000);
      session = TiSession.create(configuration);
      raw = session.createRawClient();
    }

    long timestamp() {
      return session.getTimestamp().getVersion();
    }

    @Override
    public void close() {
      raw.close();
      try {
        session.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
