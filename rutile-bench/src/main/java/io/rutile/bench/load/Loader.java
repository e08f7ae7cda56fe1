package io.rutile.bench.load;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.ErrorCategory;
import io.rutile.client.kv.KeyMode;
import io.rutile.client.kv.RawClient;
import io.rutile.client.kv.Transaction;
import io.rutile.client.kv.TxnClient;
import io.rutile.client.kv.TxnOptions;
import io.rutile.client.pd.PdClient;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Writes every key once before reads are measured. */
final class Loader {
  private static final int BATCH_KEYS = 256;
  private static final int BATCH_BYTES_MAX = 1 << 20;
  private static final int WRITERS = 8;

  private final LoadConfig config;
  private final RawClient raw;
  private final TxnClient txn;

  Loader(LoadConfig config, ChannelPool channels, PdClient pd) {
    this.config = config;
    this.raw = new RawClient(channels, pd, KeyMode.RAW_V1, Clock.system());
    this.txn = new TxnClient(channels, pd, KeyMode.TXN_V1, Clock.system());
  }

  void load(Progress progress) throws InterruptedException {
    byte[] value = new Commands(config).value().toByteArray();
    int step = Math.max(1, Math.min(BATCH_KEYS, BATCH_BYTES_MAX / config.valueBytes()));
    try (@Nullable ProgressBar bar = progress.open("load", config.keys(), " keys");
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      List<Future<?>> writes = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        long first = (long) writer * step;
        writes.add(
            writers.submit(() -> {
              for (long from = first; from < config.keys(); from += (long) WRITERS * step) {
                long to = Math.min(from + step, config.keys());
                write(from, to, value);
                if (bar != null) {
                  bar.stepBy(to - from);
                }
              }
            }));
      }
      for (Future<?> write : writes) {
        write.get();
      }
    } catch (ExecutionException e) {
      throw new BenchException(
          ErrorCategory.RETRY_LATER, "keys cannot be loaded: " + e.getCause(), e);
    }
  }

  private void write(long from, long to, byte[] value) {
    if (config.mode() == LoadConfig.Mode.RAW) {
      List<RawClient.Pair> pairs = new ArrayList<>();
      for (long index = from; index < to; index++) {
        pairs.add(new RawClient.Pair(KeyChooser.key(index), value));
      }
      raw.batchPut(pairs);
    } else {
      Transaction transaction = txn.begin(TxnOptions.DEFAULT);
      for (long index = from; index < to; index++) {
        transaction.put(KeyChooser.key(index), value);
      }
      transaction.commit();
    }
  }
}
