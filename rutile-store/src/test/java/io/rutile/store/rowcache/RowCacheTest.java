package io.rutile.store.rowcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.store.meta.DataKeys;
import io.rutile.txn.gate.HotRow;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows are found as long as nothing that they depend on was written, and no longer. */
class RowCacheTest {
  private final RowCache rows = new RowCache(1 << 20);
  private Runnable duringWrites = () -> {};
  private final RowCachingEngine engine =
      new RowCachingEngine(lookedAt(new MemoryKvEngine()), rows);

  @AfterEach
  void close() {
    engine.close();
  }

  /** That engine, with a look at it just before and just after each write takes effect. */
  private KvEngine lookedAt(KvEngine inner) {
    return (KvEngine)
        Proxy.newProxyInstance(
            KvEngine.class.getClassLoader(),
            new Class<?>[] {KvEngine.class},
            (self, method, arguments) -> {
              if (!method.getName().equals("write")) {
                return method.invoke(inner, arguments);
              }
              duringWrites.run();
              Object result = method.invoke(inner, arguments);
              duringWrites.run();
              return result;
            });
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] version(String key, long timestamp) {
    return ByteBuffer.allocate(key.length() + 8).put(bytes(key)).putLong(~timestamp).array();
  }

  private void put(Cf cf, byte[] key, String value) {
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.put(cf, DataKeys.of(key), bytes(value));
      engine.write(batch, false);
    }
  }

  /** Offers twice: a row that is offered for the first time is not kept. */
  private static void keep(EngineSnapshot snapshot, Cf cf, String key, HotRow row) {
    MarkedSnapshot marked = (MarkedSnapshot) snapshot;
    marked.keep(cf, bytes(key), row);
    marked.keep(cf, bytes(key), row);
  }

  private void keepNow(Cf cf, String key, String value) {
    try (EngineSnapshot snapshot = engine.snapshot()) {
      keep(snapshot, cf, key, new HotRow(0, bytes(value)));
    }
  }

  private @Nullable String found(Cf cf, String key) {
    HotRow row = rows.find(cf, bytes(key));
    return row == null ? null : new String(row.value(), StandardCharsets.US_ASCII);
  }

  @Test
  void rowIsFoundUntilItIsWritten() {
    put(Cf.DEFAULT, bytes("k"), "1");
    keepNow(Cf.DEFAULT, "k", "1");
    assertThat(found(Cf.DEFAULT, "k")).isEqualTo("1");
    assertThat(found(Cf.WRITE, "k")).isNull();
    put(Cf.DEFAULT, bytes("other"), "x");
    assertThat(found(Cf.DEFAULT, "k")).isEqualTo("1");
    put(Cf.DEFAULT, bytes("k"), "2");
    assertThat(found(Cf.DEFAULT, "k")).isNull();
    keepNow(Cf.DEFAULT, "k", "2");
    assertThat(found(Cf.DEFAULT, "k")).isEqualTo("2");
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.delete(Cf.DEFAULT, DataKeys.of(bytes("k")));
      engine.write(batch, true);
    }
    assertThat(found(Cf.DEFAULT, "k")).isNull();
  }

  @Test
  void lockAndEachVersionAreWritesOfTheTransactionalRow() {
    keepNow(Cf.WRITE, "k", "1");
    put(Cf.LOCK, bytes("k"), "lock");
    assertThat(found(Cf.WRITE, "k")).isNull();
    keepNow(Cf.WRITE, "k", "1");
    put(Cf.WRITE, version("k", 7), "record");
    assertThat(found(Cf.WRITE, "k")).isNull();
    keepNow(Cf.WRITE, "k", "1");
    put(Cf.WRITE, version("l", 7), "record");
    put(Cf.RAFT, bytes("k"), "state");
    assertThat(found(Cf.WRITE, "k")).isEqualTo("1");
  }

  @Test
  void deletedRangeTakesAllRowsAlong() {
    keepNow(Cf.DEFAULT, "a", "1");
    keepNow(Cf.DEFAULT, "z", "1");
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.deleteRange(Cf.DEFAULT, DataKeys.of(bytes("a")), DataKeys.of(bytes("b")));
      engine.write(batch, false);
    }
    assertThat(found(Cf.DEFAULT, "a")).isNull();
    assertThat(found(Cf.DEFAULT, "z")).isNull();
    keepNow(Cf.DEFAULT, "z", "1");
    assertThat(found(Cf.DEFAULT, "z")).isEqualTo("1");
    engine.deleteFilesInRange(Cf.DEFAULT, DataKeys.of(bytes("z")), new byte[0]);
    assertThat(found(Cf.DEFAULT, "z")).isNull();
  }

  @Test
  void whatAnOlderSnapshotHoldsIsNotKept() {
    try (EngineSnapshot old = engine.snapshot()) {
      put(Cf.DEFAULT, bytes("k"), "2");
      keep(old, Cf.DEFAULT, "k", new HotRow(0, bytes("1")));
      assertThat(found(Cf.DEFAULT, "k")).isNull();
      keep(old, Cf.DEFAULT, "untouched", new HotRow(0, bytes("1")));
      assertThat(found(Cf.DEFAULT, "untouched")).isEqualTo("1");
    }
  }

  @Test
  void whatIsBeingWrittenIsNeitherFoundNorKept() {
    keepNow(Cf.DEFAULT, "k", "1");
    WriteMarks marks = rows.marks();
    byte[] key = bytes("k");
    int mark = WriteMarks.indexOf(RowHash.of(key, 0, key.length));
    marks.begin(mark);
    assertThat(found(Cf.DEFAULT, "k")).isNull();
    keepNow(Cf.DEFAULT, "k", "1");
    assertThat(found(Cf.DEFAULT, "k")).isNull();
    marks.end(mark, marks.tick());
    keepNow(Cf.DEFAULT, "k", "1");
    assertThat(found(Cf.DEFAULT, "k")).isEqualTo("1");
  }

  @Test
  void writeIsMarkedBeforeItCanBeSeenAndUntilItIsSeenByAll() {
    put(Cf.DEFAULT, bytes("k"), "1");
    keepNow(Cf.DEFAULT, "k", "1");
    List<EngineSnapshot> taken = new ArrayList<>();
    duringWrites =
        () -> {
          assertThat(found(Cf.DEFAULT, "k")).isNull();
          EngineSnapshot snapshot = engine.snapshot();
          taken.add(snapshot);
          keep(snapshot, Cf.DEFAULT, "k", new HotRow(0, bytes("during")));
          assertThat(found(Cf.DEFAULT, "k")).isNull();
        };
    put(Cf.DEFAULT, bytes("k"), "2");
    duringWrites = () -> {};
    assertThat(taken).hasSize(2);
    for (EngineSnapshot snapshot : taken) {
      // What was taken while the write was under way may miss it.
      keep(snapshot, Cf.DEFAULT, "k", new HotRow(0, bytes("late")));
      assertThat(found(Cf.DEFAULT, "k")).isNull();
      snapshot.close();
    }
    keepNow(Cf.DEFAULT, "k", "2");
    assertThat(found(Cf.DEFAULT, "k")).isEqualTo("2");
  }

  @Test
  void memoryIsBounded() {
    String value = "v".repeat(1000);
    for (int i = 0; i < 20_000; i++) {
      keepNow(Cf.DEFAULT, "key" + i, value);
    }
    assertThat(rows.sizeBytes()).isBetween(1L << 18, (1L << 20) + (1 << 14));
    keepNow(Cf.DEFAULT, "large", "v".repeat(8 << 10));
    assertThat(found(Cf.DEFAULT, "large")).isNull();
  }

  @Test
  void rowsThatAreAskedForOutliveThoseThatAreNot() {
    keepNow(Cf.DEFAULT, "hot", "1");
    for (int i = 0; i < 20_000; i++) {
      keepNow(Cf.DEFAULT, "cold" + i, "v");
      assertThat(found(Cf.DEFAULT, "hot")).isEqualTo("1");
    }
  }

  /**
   * Writers count their own keys up; readers ask the cache, and the engine when it has nothing.
   * Nobody may see less than what was acknowledged before, or than another has seen.
   */
  @Test
  void readersNeverGoBack() throws InterruptedException {
    int writers = 2;
    int keys = 4;
    AtomicBoolean over = new AtomicBoolean();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    long[][] acknowledged = new long[writers][keys];
    List<Thread> threads = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      int writer = w;
      threads.add(
          Thread.ofPlatform()
              .start(() -> guarded(failure, () -> count(writer, acknowledged[writer], over))));
    }
    for (int r = 0; r < 2; r++) {
      int seed = r;
      threads.add(
          Thread.ofPlatform()
              .start(() -> guarded(failure, () -> check(seed, acknowledged, failure, over))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failure.get()).isNull();
  }

  private static void guarded(AtomicReference<@Nullable Throwable> failure, Runnable body) {
    try {
      body.run();
    } catch (RuntimeException | AssertionError e) {
      failure.compareAndSet(null, e);
    }
  }

  private void count(int writer, long[] acknowledged, AtomicBoolean over) {
    for (long value = 1; value <= 20_000; value++) {
      int key = (int) (value % acknowledged.length);
      put(Cf.DEFAULT, bytes("w" + writer + "-" + key), Long.toString(value));
      synchronized (acknowledged) {
        acknowledged[key] = value;
      }
    }
    over.set(true);
  }

  private void check(
      int seed,
      long[][] acknowledged,
      AtomicReference<@Nullable Throwable> failure,
      AtomicBoolean over) {
    SplittableRandom random = new SplittableRandom(seed);
    while (!over.get() && failure.get() == null) {
      int writer = random.nextInt(acknowledged.length);
      int key = random.nextInt(acknowledged[writer].length);
      String name = "w" + writer + "-" + key;
      long least;
      synchronized (acknowledged[writer]) {
        least = acknowledged[writer][key];
      }
      long seen = read(name);
      assertThat(seen).as("%s, seed %s", name, seed).isGreaterThanOrEqualTo(least);
      synchronized (acknowledged[writer]) {
        // Whoever reads after this reader must see as much.
        acknowledged[writer][key] = Math.max(acknowledged[writer][key], seen);
      }
    }
  }

  private long read(String name) {
    String kept = found(Cf.DEFAULT, name);
    if (kept != null) {
      return Long.parseLong(kept);
    }
    try (EngineSnapshot snapshot = engine.snapshot()) {
      byte[] value = snapshot.get(Cf.DEFAULT, DataKeys.of(bytes(name)));
      if (value == null) {
        return 0;
      }
      keep(snapshot, Cf.DEFAULT, name, new HotRow(0, value));
      return Long.parseLong(new String(value, StandardCharsets.US_ASCII));
    }
  }
}
