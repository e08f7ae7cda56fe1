package io.rutile.txn.testing;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.ManualTimers;
import io.rutile.base.codec.TimeStamp;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.txn.storage.StorageOptions;
import io.rutile.txn.storage.TxnStorage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A transaction layer over one region on a {@link MemoryKvEngine}, with a clock that stands still
 * until it is moved and an oracle that counts.
 */
public final class TestStorage implements AutoCloseable {
  private static final long START_MILLIS = 1_700_000_000_000L;

  private final MemoryKvEngine engine = new MemoryKvEngine();
  private final ManualTimers clock = new ManualTimers(START_MILLIS);
  private final AtomicLong oracle = new AtomicLong(TimeStamp.compose(START_MILLIS, 0));
  private final SingleEngineGate gate;
  private final TxnStorage storage;

  public TestStorage(APIVersion version) {
    this(version, Bytes.EMPTY, Bytes.EMPTY);
  }

  /** With a region of the encoded keys [start, end). */
  public TestStorage(APIVersion version, byte[] start, byte[] end) {
    gate = new SingleEngineGate(engine, start, end);
    storage =
        TxnStorage.start(
            new StorageOptions(
                StorageOptions.Settings.defaults(version, 2),
                gate,
                engine,
                count -> CompletableFuture.completedFuture(oracle.addAndGet(count)),
                clock,
                clock,
                new MetricRegistry()));
  }

  public TxnStorage storage() {
    return storage;
  }

  public SingleEngineGate gate() {
    return gate;
  }

  public ManualTimers clock() {
    return clock;
  }

  public MemoryKvEngine engine() {
    return engine;
  }

  /** A timestamp larger than all before. */
  public long tso() {
    return oracle.incrementAndGet();
  }

  /** The response, awaited; fails the test when there is none in time. */
  public static <R> R await(CompletionStage<R> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no response", e);
    }
  }

  @Override
  public void close() {
    storage.close();
    engine.close();
  }
}
