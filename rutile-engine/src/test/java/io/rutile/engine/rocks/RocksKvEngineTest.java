package io.rutile.engine.rocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineMetric;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.SstReader;
import io.rutile.engine.api.SstWriter;
import io.rutile.engine.api.WriteBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What is RocksDB's own: directories, damage, native lifetimes. */
class RocksKvEngineTest {
  @TempDir Path temporary;

  @Test
  void restartFindsUnsyncedWritesOfAClosedEngine() {
    Path path = temporary.resolve("db");
    try (RocksKvEngine engine = open(path)) {
      fill(engine, 0, 1000);
    }
    try (RocksKvEngine engine = open(path)) {
      assertThat(engine.get(Cf.DEFAULT, key(999))).isEqualTo(value(999));
    }
  }

  @Test
  void directoryHasOneOwner() {
    Path path = temporary.resolve("db");
    try (RocksKvEngine engine = open(path)) {
      assertThat(engine.openHandles()).isZero();
      assertThatThrownBy(() -> open(path))
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.LOCKED))
          .hasMessageContaining(path.toString());
    }
  }

  @Test
  void directoryOfAnotherProgramOrVersionIsRefused() throws RocksDBException, IOException {
    Path other = temporary.resolve("other");
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB database = RocksDB.open(options, other.toString())) {
      database.put(key(1), value(1));
    }
    assertThatThrownBy(() -> open(other))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("another program");
    Files.writeString(other.resolve("RUTILE"), "rutile-engine 1\n");
    assertThatThrownBy(() -> open(other)).hasMessageContaining("column families [default]");

    Path newer = temporary.resolve("newer");
    open(newer).close();
    Files.writeString(newer.resolve("RUTILE"), "rutile-engine 2\n");
    assertThatThrownBy(() -> open(newer)).hasMessageContaining("rutile-engine 2");
  }

  @Test
  void damagedSstIsNamedAndNeverReadAsData() throws IOException {
    Path path = temporary.resolve("db");
    try (RocksKvEngine engine = open(path)) {
      fill(engine, 0, 2000);
      engine.flush(Cf.DEFAULT);
    }
    Path file = sstFiles(path).getFirst();
    byte[] content = Files.readAllBytes(file);
    for (int at = 100; at < content.length - 2000; at += 500) {
      content[at] ^= 0x55;
    }
    Files.write(file, content);
    assertThatThrownBy(
            () -> {
              try (RocksKvEngine engine = open(path)) {
                for (int i = 0; i < 2000; i++) {
                  assertThat(engine.get(Cf.DEFAULT, key(i))).isEqualTo(value(i));
                }
              }
            })
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION))
        .hasMessageContaining(file.getFileName().toString());
  }

  @Test
  void missingSstRefusesTheStart() throws IOException {
    Path path = temporary.resolve("db");
    try (RocksKvEngine engine = open(path)) {
      fill(engine, 0, 100);
      engine.flush(Cf.DEFAULT);
    }
    Path file = sstFiles(path).getFirst();
    Files.delete(file);
    assertThatThrownBy(() -> open(path))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(file.getFileName().toString());
  }

  @Test
  void largeValuesGoToBlobFiles() throws IOException {
    Path path = temporary.resolve("db");
    try (RocksKvEngine engine = open(path)) {
      WriteBatch batch = engine.newWriteBatch();
      batch.put(Cf.DEFAULT, key(1), new byte[64 << 10]);
      engine.write(batch, true);
      engine.flush(Cf.DEFAULT);
      assertThat(engine.get(Cf.DEFAULT, key(1))).hasSize(64 << 10);
    }
    try (DirectoryStream<Path> blobs = Files.newDirectoryStream(path, "*.blob")) {
      assertThat(blobs).hasSize(1);
    }
  }

  @Test
  void nativeObjectsAreCountedAndFreedInAnyOrder() {
    RocksKvEngine engine = open(temporary.resolve("db"));
    fill(engine, 0, 10);
    Path file = temporary.resolve("x.sst");
    SstWriter writer = engine.newSstWriter(Cf.DEFAULT, file);
    writer.put(key(1), value(1));
    writer.finish();
    SstReader reader = engine.openSst(file);
    EngineIterator inFile = reader.iterator();
    EngineSnapshot snapshot = engine.snapshot();
    EngineIterator cursor =
        snapshot.iterator(Cf.DEFAULT, key(0), key(9), ReadOptions.DEFAULT.withReadaheadBytes(4096));
    assertThat(engine.openHandles()).isEqualTo(5);
    snapshot.close();
    assertThat(cursor.seekToFirst()).isTrue();
    reader.close();
    assertThatThrownBy(inFile::seekToFirst).isInstanceOf(EngineException.class);
    inFile.close();
    writer.close();
    assertThat(engine.openHandles()).isEqualTo(1);
    engine.close();
    assertThat(engine.openHandles()).isZero();
    cursor.close();
    assertThat(engine.openHandles()).isZero();
  }

  @Test
  void failedOpenOfAnSstLeaksNothing() {
    try (RocksKvEngine engine = open(temporary.resolve("db"))) {
      assertThatThrownBy(() -> engine.openSst(temporary.resolve("none.sst")))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("none.sst");
      assertThatThrownBy(
              () -> engine.newSstWriter(Cf.DEFAULT, temporary.resolve("no/such/dir.sst")))
          .isInstanceOf(EngineException.class);
      assertThat(engine.openHandles()).isZero();
    }
  }

  @Test
  void closingUnderLoadIsTypedForEveryUser() throws InterruptedException {
    RocksKvEngine engine = open(temporary.resolve("db"));
    fill(engine, 0, 1000);
    AtomicReference<Throwable> surprise = new AtomicReference<>();
    CountDownLatch busy = new CountDownLatch(4);
    List<Thread> users = new ArrayList<>();
    for (int user = 0; user < 4; user++) {
      int first = user;
      Thread thread = new Thread(() -> useUntilClosed(engine, first, busy, surprise));
      thread.start();
      users.add(thread);
    }
    busy.await();
    engine.close();
    for (Thread thread : users) {
      thread.join();
    }
    assertThat(surprise.get()).isNull();
    assertThat(engine.openHandles()).isZero();
  }

  @Test
  void metricsHaveNamesOfTheDashboards() {
    try (RocksKvEngine engine = open(temporary.resolve("db"))) {
      fill(engine, 0, 100);
      engine.get(Cf.DEFAULT, key(1));
      List<EngineMetric> metrics = engine.statistics().metrics();
      assertThat(metrics)
          .extracting(EngineMetric::name)
          .contains(
              "tikv_engine_size_bytes",
              "tikv_engine_flow_bytes",
              "tikv_engine_get_micro_seconds",
              "tikv_engine_pending_compaction_bytes",
              "tikv_engine_num_files_at_level",
              "tikv_engine_block_cache_size_bytes");
      assertThat(metrics)
          .filteredOn(m -> "keys_written".equals(m.labels().get("type")))
          .singleElement()
          .satisfies(m -> assertThat(m.value()).isEqualTo(100.0));
    }
  }

  private static void useUntilClosed(
      RocksKvEngine engine, int first, CountDownLatch busy, AtomicReference<Throwable> surprise) {
    try {
      for (int i = first; ; i++) {
        try (EngineSnapshot snapshot = engine.snapshot();
            EngineIterator cursor =
                snapshot.iterator(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
          for (boolean valid = cursor.seek(key(i % 1000)); valid; valid = cursor.next()) {
            assertThat(cursor.value()).hasSize(100);
            snapshot.get(Cf.DEFAULT, cursor.key());
          }
        }
        fill(engine, i % 1000, i % 1000 + 1);
        if (i == first + 2) {
          busy.countDown();
        }
      }
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.CLOSED) {
        surprise.set(e);
      }
    } catch (Throwable e) {
      surprise.set(e);
    }
  }

  private static RocksKvEngine open(Path path) {
    return RocksKvEngine.open(path, RocksConfig.small());
  }

  private static void fill(RocksKvEngine engine, int from, int to) {
    WriteBatch batch = engine.newWriteBatch();
    for (int i = from; i < to; i++) {
      batch.put(Cf.DEFAULT, key(i), value(i));
    }
    engine.write(batch, false);
  }

  private static byte[] key(int i) {
    return String.format("key%06d", i).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] value(int i) {
    byte[] value = new byte[100];
    Arrays.fill(value, (byte) i);
    return value;
  }

  private static List<Path> sstFiles(Path path) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*.sst")) {
      files.forEach(found::add);
    }
    return found;
  }
}
