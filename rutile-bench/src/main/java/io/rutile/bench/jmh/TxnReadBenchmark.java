package io.rutile.bench.jmh;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import io.rutile.txn.mvcc.ForwardScanner;
import io.rutile.txn.mvcc.KvRow;
import io.rutile.txn.mvcc.PointGetter;
import io.rutile.txn.mvcc.ReadSpec;
import io.rutile.txn.mvcc.ReadStatistics;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
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
import org.rocksdb.RocksIterator;

/**
 * Transactional reads of rows with one version from cache, against RocksJava called bare on the
 * same records: the difference is the lock check, the search for the version, and the decoding.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class TxnReadBenchmark {
  private static final int KEYS = 100_000;
  private static final int VALUE_BYTES = 100;
  private static final int ROWS = 1000;
  private static final long START_TS = 400_000_000_000_000_000L;
  private static final long COMMIT_TS = START_TS + 10;
  private static final long READ_TS = START_TS + 1000;

  private final SplittableRandom random = new SplittableRandom(1);
  private final byte[][] encodedKeys = new byte[KEYS][];
  private final byte[][] versionedKeys = new byte[KEYS][];
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
    byte[] record = new Write(WriteType.PUT, START_TS, new byte[VALUE_BYTES]).encode();
    for (int i = 0; i < KEYS; i++) {
      byte[] key = String.format(Locale.ROOT, "key%09d", i).getBytes(StandardCharsets.US_ASCII);
      encodedKeys[i] = KeyCodec.encode(key);
      versionedKeys[i] = KeyCodec.encode(key, COMMIT_TS);
      batch.put(Cf.WRITE, versionedKeys[i], record);
      database.put(versionedKeys[i], record);
    }
    engine.write(batch, true);
    engine.flush(Cf.WRITE);
    engine.compactRange(Cf.WRITE, Bytes.EMPTY, Bytes.EMPTY, true);
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

  private EngineSnapshot reader() {
    return Objects.requireNonNull(snapshot);
  }

  @Benchmark
  public byte @Nullable [] yardstickGet() throws RocksDBException {
    return Objects.requireNonNull(bare).get(versionedKeys[random.nextInt(KEYS)]);
  }

  @Benchmark
  public byte[] pointGet() {
    byte[] key = encodedKeys[random.nextInt(KEYS)];
    try (PointGetter getter =
        PointGetter.single(reader(), ReadSpec.at(READ_TS), new ReadStatistics())) {
      return Objects.requireNonNull(getter.get(key)).value();
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void yardstickIterate(Blackhole sink) {
    try (RocksIterator iterator = Objects.requireNonNull(bare).newIterator()) {
      iterator.seek(versionedKeys[random.nextInt(KEYS - ROWS)]);
      for (int row = 0; row < ROWS && iterator.isValid(); row++) {
        sink.consume(iterator.key());
        sink.consume(iterator.value());
        iterator.next();
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void forwardScan(Blackhole sink) {
    byte[] start = encodedKeys[random.nextInt(KEYS - ROWS)];
    try (ForwardScanner scanner =
        new ForwardScanner(
            reader(), ReadSpec.at(READ_TS), start, Bytes.EMPTY, false, new ReadStatistics())) {
      for (int row = 0; row < ROWS; row++) {
        KvRow next = Objects.requireNonNull(scanner.next());
        sink.consume(next);
      }
    }
  }
}
