package io.rutile.bench.load;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.error.ErrorCategory;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The storage limit: the same operations on the bare engine in this process, without network, Raft
 * or transactions. Puts are synced one by one from as many threads as there are requests in flight
 * (at most {@value #THREADS_MAX}), so that the engine commits them in groups; reads come from as
 * many threads as there are processors.
 */
final class EngineLimit {
  private static final int THREADS_MAX = 256;
  private static final int LOAD_BATCH = 1000;
  private static final long BLOCK_CACHE_BYTES = 256L << 20;

  private final LoadConfig config;
  private final Path directory;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean over;

  EngineLimit(LoadConfig config, Path directory) {
    this.config = config;
    this.directory = directory;
  }

  Measurement run(Progress progress) throws InterruptedException {
    Measurement measurement = new Measurement("engine alone");
    byte[] value = new Commands(config).value().toByteArray();
    try (KvEngine engine = RocksKvEngine.open(directory, RocksConfig.defaults(BLOCK_CACHE_BYTES))) {
      if (config.workload() != LoadConfig.Workload.PUT) {
        fill(engine, value);
      }
      KeyChooser.Zipf zipf = KeyChooser.Zipf.of(config.keys());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < threads(); i++) {
        KeyChooser chooser = new KeyChooser(config, zipf, i);
        threads.add(
            Thread.ofPlatform()
                .name("engine-limit-" + i)
                .start(() -> loop(engine, chooser, value, measurement)));
      }
      progress.watch(measurement, config, failure);
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
    Throwable cause = failure.get();
    if (cause != null) {
      throw new BenchException(
          ErrorCategory.RETRY_LATER, "the bare engine failed: " + cause.getMessage(), cause);
    }
    return measurement;
  }

  private int threads() {
    return switch (config.workload()) {
      case GET, SCAN -> Math.min(config.concurrency(), Runtime.getRuntime().availableProcessors());
      case PUT, MIXED -> Math.min(config.concurrency(), THREADS_MAX);
    };
  }

  private void fill(KvEngine engine, byte[] value) {
    WriteBatch batch = engine.newWriteBatch();
    for (long index = 0; index < config.keys(); index++) {
      batch.put(Cf.DEFAULT, KeyChooser.key(index), value);
      if (batch.count() == LOAD_BATCH) {
        engine.write(batch, false);
        batch.clear();
      }
    }
    engine.write(batch, true);
  }

  private void loop(KvEngine engine, KeyChooser chooser, byte[] value, Measurement measurement) {
    WriteBatch batch = engine.newWriteBatch();
    try {
      while (!over) {
        Operation operation = chooser.operation();
        byte[][] keys = chooser.keys(operation == Operation.PUT ? config.keysOfPut() : 1);
        long started = System.nanoTime();
        switch (operation) {
          case GET -> engine.get(Cf.DEFAULT, keys[0]);
          case PUT -> {
            batch.clear();
            for (byte[] key : keys) {
              batch.put(Cf.DEFAULT, key, value);
            }
            engine.write(batch, true);
          }
          case SCAN -> scan(engine, keys[0]);
        }
        measurement.done(System.nanoTime() - started);
      }
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private void scan(KvEngine engine, byte[] start) {
    try (EngineIterator cursor =
        engine.iterator(Cf.DEFAULT, start, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      int rows = 0;
      for (boolean valid = cursor.seekToFirst();
          valid && rows < config.scanLimit();
          valid = cursor.next()) {
        cursor.key();
        cursor.value();
        rows++;
      }
    }
  }
}
