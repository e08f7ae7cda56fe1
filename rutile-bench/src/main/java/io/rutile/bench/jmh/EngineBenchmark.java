package io.rutile.bench.jmh;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Reads of the data engine from cache, against RocksJava called bare on the same number of rows:
 * the difference is what lifetimes and column families cost.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class EngineBenchmark {
  private static final int KEYS = 100_000;
  private static final int VALUE_BYTES = 100;
  private static final int ROWS = 1000;
  private static final int BATCH = 64;

  private final SplittableRandom random = new SplittableRandom(1);
  private final byte[][] keys = new byte[KEYS][];
  private Path directory = Path.of(".");
  private KvEngine engine = new MemoryKvEngine();
  private @Nullable EngineSnapshot snapshot;
  private @Nullable RocksDB bare;

  @Setup(Level.Trial)
  public void open() throws RocksDBException {
    directory = Directories.create();
    engine = RocksKvEngine.open(directory.resolve("db"), RocksConfig.defaults(256L << 20));
    RocksDB database = RocksDB.open(directory.resolve("bare").toString());
    WriteBatch batch = engine.newWriteBatch();
    byte[] value = new byte[VALUE_BYTES];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = String.format(Locale.ROOT, "key%09d", i).getBytes(StandardCharsets.US_ASCII);
      batch.put(Cf.DEFAULT, keys[i], value);
      database.put(keys[i], value);
    }
    engine.write(batch, true);
    engine.flush(Cf.DEFAULT);
    engine.compactRange(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY, true);
    database.compactRange();
    snapshot = engine.snapshot();
    bare = database;
  }

  @TearDown(Level.Trial)
  public void close() {
    engine.close();
    Objects.requireNonNull(bare).close();
    Directories.delete(directory);
  }

  @Benchmark
  public byte @Nullable [] yardstickGet() throws RocksDBException {
    return Objects.requireNonNull(bare).get(keys[random.nextInt(KEYS)]);
  }

  @Benchmark
  public byte @Nullable [] get() {
    return engine.get(Cf.DEFAULT, keys[random.nextInt(KEYS)]);
  }

  @Benchmark
  public byte @Nullable [] getFromSnapshot() {
    return Objects.requireNonNull(snapshot).get(Cf.DEFAULT, keys[random.nextInt(KEYS)]);
  }

  @Benchmark
  public void openSnapshot() {
    engine.snapshot().close();
  }

  @Benchmark
  public boolean openCursorAndSeek() {
    byte[] key = keys[random.nextInt(KEYS)];
    try (EngineIterator cursor =
        engine.iterator(Cf.DEFAULT, key, Bytes.next(key), ReadOptions.DEFAULT)) {
      return cursor.seek(key);
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void iterate(Blackhole sink) {
    byte[] start = keys[random.nextInt(KEYS - ROWS)];
    try (EngineIterator cursor =
        engine.iterator(Cf.DEFAULT, start, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      boolean valid = cursor.seekToFirst();
      for (int row = 0; valid && row < ROWS; row++) {
        sink.consume(cursor.key());
        sink.consume(cursor.value());
        valid = cursor.next();
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void writeBatch() {
    WriteBatch batch = engine.newWriteBatch();
    for (int i = 0; i < BATCH; i++) {
      byte[] key = keys[random.nextInt(KEYS)];
      batch.put(Cf.WRITE, key, key);
    }
    engine.write(batch, false);
  }
}
