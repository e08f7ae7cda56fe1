package io.rutile.bench.jmh;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.store.rowcache.MarkedSnapshot;
import io.rutile.store.rowcache.RowCache;
import io.rutile.store.rowcache.RowCachingEngine;
import io.rutile.txn.gate.HotRow;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Rows at hand, against a plain hash map of as many. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RowCacheBenchmark {
  private static final int KEYS = 50_000;
  private static final int VALUE_BYTES = 100;

  private final SplittableRandom random = new SplittableRandom(1);
  private final byte[][] keys = new byte[KEYS][];
  private final String[] names = new String[KEYS];
  private final Map<String, byte[]> map = new HashMap<>();
  private final RowCache rows = new RowCache(32L << 20);
  private final RowCachingEngine engine = new RowCachingEngine(new MemoryKvEngine(), rows);

  @Setup
  public void fill() {
    try (EngineSnapshot snapshot = engine.snapshot()) {
      MarkedSnapshot marked = (MarkedSnapshot) snapshot;
      for (int i = 0; i < KEYS; i++) {
        names[i] = String.format(Locale.ROOT, "bench/%012d", i);
        keys[i] = names[i].getBytes(StandardCharsets.US_ASCII);
        byte[] value = new byte[VALUE_BYTES];
        map.put(names[i], value);
        // A row is taken in when it is offered again.
        for (int offers = 0; offers < 2; offers++) {
          marked.keep(Cf.DEFAULT, keys[i], new HotRow(0, value));
        }
      }
    }
  }

  @Benchmark
  public byte @Nullable [] yardstickMap() {
    return map.get(names[random.nextInt(KEYS)]);
  }

  @Benchmark
  public @Nullable HotRow find() {
    return rows.find(Cf.DEFAULT, keys[random.nextInt(KEYS)]);
  }
}
