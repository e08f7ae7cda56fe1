package io.rutile.engine.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every data engine promises. */
@ParameterizedClass
@MethodSource("engines")
class KvEngineContractTest {
  /** Makes an engine in a directory. */
  interface Factory {
    KvEngine open(Path directory);
  }

  static Stream<Factory> engines() {
    return Stream.of(
        new Factory() {
          @Override
          public KvEngine open(Path directory) {
            return RocksKvEngine.open(directory, RocksConfig.small());
          }

          @Override
          public String toString() {
            return "rocks";
          }
        },
        new Factory() {
          @Override
          public KvEngine open(Path directory) {
            return new MemoryKvEngine();
          }

          @Override
          public String toString() {
            return "memory";
          }
        });
  }

  @Parameter Factory factory;
  @TempDir Path directory;
  private KvEngine opened;

  private KvEngine engine() {
    if (opened == null) {
      opened = factory.open(directory.resolve("db"));
    }
    return opened;
  }

  @AfterEach
  void close() {
    engine().close();
  }

  @Test
  void familiesAreApart() {
    put(Cf.DEFAULT, "k", "default");
    put(Cf.LOCK, "k", "lock");
    assertThat(get(engine(), Cf.DEFAULT, "k")).isEqualTo("default");
    assertThat(get(engine(), Cf.LOCK, "k")).isEqualTo("lock");
    assertThat(get(engine(), Cf.WRITE, "k")).isNull();
    assertThat(get(engine(), Cf.RAFT, "k")).isNull();
  }

  @Test
  void severalKeysAreReadTogether() {
    put(Cf.WRITE, "a", "1");
    put(Cf.WRITE, "c", "");
    put(Cf.DEFAULT, "b", "other family");
    List<byte[]> keys = List.of(bytes("c"), bytes("b"), bytes("a"), bytes("a"));
    try (EngineSnapshot snapshot = engine().snapshot()) {
      put(Cf.WRITE, "b", "later");
      assertThat(snapshot.multiGet(Cf.WRITE, keys))
          .isDeepEqualTo(new byte[][] {bytes(""), null, bytes("1"), bytes("1")});
      assertThat(engine().multiGet(Cf.WRITE, keys))
          .isDeepEqualTo(new byte[][] {bytes(""), bytes("later"), bytes("1"), bytes("1")});
      assertThat(snapshot.multiGet(Cf.WRITE, List.of()).length).isZero();
    }
  }

  @Test
  void cursorForOneLookMayBeUsedAgain() {
    put(Cf.WRITE, "a", "1");
    put(Cf.WRITE, "c", "3");
    EngineIterator kept;
    try (EngineSnapshot snapshot = engine().snapshot()) {
      put(Cf.WRITE, "b", "later");
      for (int look = 0; look < 10; look++) {
        try (EngineIterator cursor = snapshot.nearby(Cf.WRITE);
            EngineIterator other = snapshot.nearby(Cf.WRITE)) {
          assertThat(cursor.seek(bytes("b"))).isTrue();
          assertThat(other.seek(bytes("a"))).isTrue();
          assertThat(cursor.key()).isEqualTo(bytes("c"));
          assertThat(cursor.value()).isEqualTo(bytes("3"));
          assertThat(cursor.next()).isFalse();
          assertThat(other.key()).isEqualTo(bytes("a"));
        }
      }
      try (EngineIterator cursor = snapshot.nearby(Cf.DEFAULT)) {
        assertThat(cursor.seek(bytes("a"))).isFalse();
      }
      kept = snapshot.nearby(Cf.WRITE);
      assertThat(kept.seek(bytes("c"))).isTrue();
    }
    // A cursor pins what it reads: it may outlive its snapshot.
    assertThat(kept.prev()).isTrue();
    assertThat(kept.key()).isEqualTo(bytes("a"));
    kept.close();
    kept.close();
  }

  @Test
  void batchIsAppliedInOrderAndAtomically() {
    WriteBatch batch = engine().newWriteBatch();
    batch.put(Cf.WRITE, bytes("a"), bytes("1"));
    batch.delete(Cf.WRITE, bytes("a"));
    batch.put(Cf.WRITE, bytes("b"), bytes("1"));
    batch.put(Cf.WRITE, bytes("b"), bytes("2"));
    batch.put(Cf.RAFT, Bytes.EMPTY, Bytes.EMPTY);
    assertThat(batch.count()).isEqualTo(5);
    assertThat(get(engine(), Cf.WRITE, "b")).isNull();
    engine().write(batch, true);
    assertThat(get(engine(), Cf.WRITE, "a")).isNull();
    assertThat(get(engine(), Cf.WRITE, "b")).isEqualTo("2");
    assertThat(get(engine(), Cf.RAFT, "")).isEmpty();
  }

  @Test
  void savePointsDropWhatCameAfterThem() {
    WriteBatch batch = engine().newWriteBatch();
    batch.put(Cf.DEFAULT, bytes("a"), bytes("1"));
    batch.setSavePoint();
    batch.put(Cf.DEFAULT, bytes("b"), bytes("1"));
    batch.setSavePoint();
    batch.put(Cf.DEFAULT, bytes("c"), bytes("1"));
    batch.rollbackToSavePoint();
    batch.popSavePoint();
    assertThat(batch.count()).isEqualTo(2);
    assertThatThrownBy(batch::rollbackToSavePoint).isInstanceOf(EngineException.class);
    engine().write(batch, false);
    assertThat(keys(engine(), Cf.DEFAULT)).containsExactly("a", "b");
    batch.clear();
    assertThat(batch.count()).isZero();
    engine().write(batch, true);
  }

  @Test
  void rangeDeletionIsHalfOpen() {
    for (String key : List.of("a", "b", "c", "d")) {
      put(Cf.WRITE, key, key);
    }
    WriteBatch batch = engine().newWriteBatch();
    batch.deleteRange(Cf.WRITE, bytes("b"), bytes("d"));
    engine().write(batch, false);
    assertThat(keys(engine(), Cf.WRITE)).containsExactly("a", "d");
    assertThatThrownBy(() -> batch.deleteRange(Cf.WRITE, bytes("b"), Bytes.EMPTY))
        .isInstanceOf(EngineException.class);
  }

  @Test
  void snapshotDoesNotSeeLaterWrites() {
    put(Cf.DEFAULT, "a", "1");
    try (EngineSnapshot snapshot = engine().snapshot()) {
      put(Cf.DEFAULT, "a", "2");
      put(Cf.DEFAULT, "b", "2");
      assertThat(get(snapshot, Cf.DEFAULT, "a")).isEqualTo("1");
      assertThat(keys(snapshot, Cf.DEFAULT)).containsExactly("a");
      assertThat(keys(engine(), Cf.DEFAULT)).containsExactly("a", "b");
    }
  }

  @Test
  void cursorStaysWithinItsBounds() {
    for (String key : List.of("a", "b", "c", "d", "e")) {
      put(Cf.LOCK, key, "v" + key);
    }
    try (EngineIterator cursor =
        engine().iterator(Cf.LOCK, bytes("b"), bytes("d"), ReadOptions.DEFAULT)) {
      assertThat(cursor.valid()).isFalse();
      assertThat(cursor.seek(bytes("a"))).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("b"));
      assertThat(cursor.prev()).isFalse();
      assertThat(cursor.seekForPrev(bytes("z"))).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("c"));
      assertThat(cursor.value()).isEqualTo(bytes("vc"));
      assertThat(cursor.next()).isFalse();
      assertThatThrownBy(cursor::key).isInstanceOf(EngineException.class);
      assertThatThrownBy(cursor::next).isInstanceOf(EngineException.class);
      assertThat(cursor.seekToFirst()).isTrue();
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("c"));
      assertThat(cursor.seekToLast()).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("c"));
      assertThat(cursor.seekForPrev(bytes("a"))).isFalse();
      assertThat(cursor.seek(bytes("d"))).isFalse();
    }
  }

  @Test
  void sstFilesAreIngestedOverWhatIsThere() throws IOException {
    put(Cf.WRITE, "a", "old");
    put(Cf.WRITE, "b", "old");
    Path file = directory.resolve("one.sst");
    long size;
    try (SstWriter writer = engine().newSstWriter(Cf.WRITE, file)) {
      writer.put(bytes("a"), bytes("new"));
      writer.delete(bytes("b"));
      writer.put(bytes("c"), bytes("new"));
      assertThatThrownBy(() -> writer.put(bytes("c"), bytes("again")))
          .isInstanceOf(EngineException.class);
      size = writer.finish();
    }
    assertThat(Files.size(file)).isEqualTo(size);
    try (SstReader reader = engine().openSst(file);
        EngineIterator cursor = reader.iterator()) {
      reader.verifyChecksum();
      assertThat(reader.entryCount()).isEqualTo(3);
      assertThat(cursor.seekToFirst()).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("a"));
    }
    engine().ingest(Cf.WRITE, List.of(file), true);
    assertThat(keys(engine(), Cf.WRITE)).containsExactly("a", "c");
    assertThat(get(engine(), Cf.WRITE, "a")).isEqualTo("new");
    assertThat(file).doesNotExist();
  }

  @Test
  void emptySstLeavesNoFile() {
    Path file = directory.resolve("empty.sst");
    try (SstWriter writer = engine().newSstWriter(Cf.DEFAULT, file)) {
      assertThat(writer.finish()).isZero();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void damagedSstIsRefused() throws IOException {
    Path file = directory.resolve("bad.sst");
    try (SstWriter writer = engine().newSstWriter(Cf.DEFAULT, file)) {
      for (int i = 0; i < 1000; i++) {
        writer.put(bytes(String.format("key%05d", i)), bytes("value" + i));
      }
      writer.finish();
    }
    byte[] content = Files.readAllBytes(file);
    content[content.length / 3] ^= 0x10;
    Files.write(file, content);
    assertThatThrownBy(
            () -> {
              try (SstReader reader = engine().openSst(file)) {
                reader.verifyChecksum();
              }
            })
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION))
        .hasMessageContaining("bad.sst");
  }

  @Test
  void sizesAndKeysAreEstimated() {
    for (int i = 0; i < 4000; i++) {
      put(Cf.DEFAULT, String.format("key%05d", i), "v".repeat(200));
    }
    assertThat(engine().approximateSize(Cf.DEFAULT, bytes("key"), bytes("kez")))
        .isBetween(400_000L, 3_000_000L);
    assertThat(engine().approximateKeys(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY))
        .isBetween(2000L, 8000L);
    engine().flush(Cf.DEFAULT);
    engine().compactRange(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY, true);
    assertThat(engine().approximateKeys(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY))
        .isBetween(3900L, 4100L);
    assertThat(engine().approximateSize(Cf.DEFAULT, bytes("x"), Bytes.EMPTY)).isZero();
    EngineStatistics statistics = engine().statistics();
    assertThat(statistics.usedBytes()).isPositive();
    assertThat(statistics.metrics())
        .extracting(EngineMetric::name)
        .contains("tikv_engine_size_bytes");
    assertThat(statistics.writeStalled()).isFalse();
  }

  @Test
  void deletingFilesTouchesNothingOutsideTheRange() {
    put(Cf.DEFAULT, "a", "1");
    put(Cf.DEFAULT, "m", "1");
    put(Cf.DEFAULT, "z", "1");
    engine().flush(Cf.DEFAULT);
    engine().deleteFilesInRange(Cf.DEFAULT, bytes("b"), bytes("c"));
    assertThat(keys(engine(), Cf.DEFAULT)).containsExactly("a", "m", "z");
  }

  @Test
  void useAfterCloseIsTyped() {
    KvEngine engine = engine();
    put(Cf.DEFAULT, "a", "1");
    EngineSnapshot snapshot = engine.snapshot();
    EngineIterator cursor =
        snapshot.iterator(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT);
    cursor.seekToFirst();
    EngineSnapshot closedBefore = engine.snapshot();
    closedBefore.close();
    closedBefore.close();
    assertClosed(() -> closedBefore.get(Cf.DEFAULT, bytes("a")));
    WriteBatch batch = engine.newWriteBatch();
    batch.put(Cf.DEFAULT, bytes("a"), bytes("1"));
    engine.close();
    engine.close();
    assertClosed(() -> engine.get(Cf.DEFAULT, bytes("a")));
    assertClosed(() -> engine.write(batch, true));
    assertClosed(engine::snapshot);
    assertClosed(() -> engine.flush(Cf.DEFAULT));
    assertClosed(() -> snapshot.get(Cf.DEFAULT, bytes("a")));
    assertClosed(cursor::next);
    assertClosed(cursor::key);
    cursor.close();
    snapshot.close();
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CLOSED));
  }

  private void put(Cf cf, String key, String value) {
    WriteBatch batch = engine().newWriteBatch();
    batch.put(cf, bytes(key), bytes(value));
    engine().write(batch, false);
  }

  private static String get(EngineReader reader, Cf cf, String key) {
    byte[] value = reader.get(cf, bytes(key));
    return value == null ? null : new String(value, UTF_8);
  }

  private static List<String> keys(EngineReader reader, Cf cf) {
    List<String> keys = new ArrayList<>();
    try (EngineIterator cursor =
        reader.iterator(cf, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      for (boolean valid = cursor.seekToFirst(); valid; valid = cursor.next()) {
        keys.add(new String(cursor.key(), UTF_8));
      }
    }
    return keys;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
