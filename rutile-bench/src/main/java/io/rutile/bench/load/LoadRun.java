package io.rutile.bench.load;

import io.rutile.base.error.ErrorCategory;
import io.rutile.client.pd.PdClient;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One run of lanes against the servers of some routes: warm-up, measurement, end. */
final class LoadRun implements BatchStream.Receiver {
  private static final long REROUTE_MILLIS = 10;
  private static final long DRAIN_SECONDS_MAX = 30;

  private final LoadConfig config;
  private final Routes routes;
  private final @Nullable PdClient pd;
  private final ChannelPool channels;
  private final Commands commands;
  private final Measurement measurement;
  private final ConcurrentHashMap<String, BatchStream> streams = new ConcurrentHashMap<>();
  private final List<Lane> lanes = new ArrayList<>();
  private final CountDownLatch running;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Executor later =
      CompletableFuture.delayedExecutor(REROUTE_MILLIS, TimeUnit.MILLISECONDS);
  private volatile boolean over;

  /**
   * Prepares a run.
   *
   * @param pd the source of timestamps; null where none are needed
   */
  LoadRun(
      String name, LoadConfig config, Routes routes, @Nullable PdClient pd, ChannelPool channels) {
    this.config = config;
    this.routes = routes;
    this.pd = pd;
    this.channels = channels;
    this.commands = new Commands(config);
    this.measurement = new Measurement(name);
    this.running = new CountDownLatch(config.threads());
    KeyChooser.Zipf zipf = KeyChooser.Zipf.of(config.keys());
    for (int lane = 0; lane < config.threads(); lane++) {
      lanes.add(new Lane(lane, this, new KeyChooser(config, zipf, lane)));
    }
  }

  /**
   * Runs to the end.
   *
   * @throws BenchException when a stream broke or answers stopped
   */
  Measurement run(Progress progress) throws InterruptedException {
    lanes.forEach(Lane::next);
    progress.watch(measurement, config, failure);
    over = true;
    boolean drained = running.await(DRAIN_SECONDS_MAX, TimeUnit.SECONDS);
    Throwable cause = failure.get();
    if (cause != null) {
      throw new BenchException(
          ErrorCategory.RETRY_LATER, measurement.name() + ": the load broke off: " + cause, cause);
    }
    streams.values().forEach(BatchStream::finish);
    if (!drained) {
      throw new BenchException(
          ErrorCategory.RETRY_LATER,
          measurement.name() + ": answers are missing after " + DRAIN_SECONDS_MAX + " s");
    }
    return measurement;
  }

  LoadConfig config() {
    return config;
  }

  Routes routes() {
    return routes;
  }

  Commands commands() {
    return commands;
  }

  Measurement measurement() {
    return measurement;
  }

  boolean isOver() {
    return over || failure.get() != null;
  }

  void laneEnded() {
    running.countDown();
  }

  BatchStream stream(String address, int lane) {
    int connection = lane % config.connections();
    return streams.computeIfAbsent(
        address + '#' + connection,
        key -> new BatchStream(channels.channel(address, connection), this));
  }

  /** Calls back with the first of {@code count} consecutive timestamps. */
  void timestamps(int count, LongConsumer use) {
    if (pd == null) {
      use.accept(1);
      return;
    }
    pd.tsoBatch(count)
        .whenComplete((range, cause) -> {
          if (range == null) {
            broken(cause);
          } else {
            use.accept(range.first());
          }
        });
  }

  /** Calls back a little later, with routes read anew. */
  void afterRefresh(Runnable again) {
    later.execute(() ->
        routes
            .refresh()
            .whenComplete((done, cause) -> {
              if (cause == null) {
                again.run();
              } else {
                broken(cause);
              }
            }));
  }

  @Override
  public void answered(int lane, int slot, Response response) {
    lanes.get(lane).answered(slot, response);
  }

  @Override
  public void broken(Throwable cause) {
    if (!over) {
      failure.compareAndSet(null, cause);
    }
  }
}
