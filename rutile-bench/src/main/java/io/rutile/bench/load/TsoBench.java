package io.rutile.bench.load;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.ErrorCategory;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.TsoRange;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code rutile bench tso}: timestamps from PD over one connection. Callers wait for each answer;
 * the client puts what they ask for at the same time into one request.
 */
@Command(
    name = "tso",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Takes timestamps from PD over one connection.")
final class TsoBench implements Callable<Integer> {
  private static final Duration PD_PATIENCE = Duration.ofSeconds(10);

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--pd",
      split = ",",
      defaultValue = "127.0.0.1:2379",
      description = "PD endpoints (default: ${DEFAULT-VALUE}).")
  List<String> pd = List.of();

  @Option(
      names = "--callers",
      defaultValue = "64",
      description = "Closed loops (${DEFAULT-VALUE}).")
  int callers;

  @Option(
      names = "--count",
      defaultValue = "100",
      description = "Timestamps that a caller takes at once (${DEFAULT-VALUE}).")
  int count;

  @Option(
      names = "--warmup",
      defaultValue = "3",
      description = "Seconds before the measurement (${DEFAULT-VALUE}).")
  int warmupSeconds;

  @Option(
      names = "--duration",
      defaultValue = "10",
      description = "Seconds of the measurement (${DEFAULT-VALUE}).")
  int durationSeconds;

  @Option(names = "--json", description = "Print the result as JSON.")
  boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Measurement calls = new Measurement("calls");
    LongAdder backward = new LongAdder();
    AtomicBoolean stop = new AtomicBoolean();
    try (ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
        PdClient client = GrpcPdClient.connect(channels, pd, Clock.system(), PD_PATIENCE)) {
      List<Thread> loops = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        loops.add(Thread.startVirtualThread(() -> loop(client, calls, backward, stop)));
      }
      CountDownLatch never = new CountDownLatch(1);
      never.await(warmupSeconds, TimeUnit.SECONDS);
      calls.start();
      never.await(durationSeconds, TimeUnit.SECONDS);
      calls.stop();
      stop.set(true);
      for (Thread loop : loops) {
        loop.join();
      }
    }
    if (backward.sum() > 0) {
      throw new BenchException(
          ErrorCategory.BUG, backward.sum() + " timestamps were not above an earlier one");
    }
    print(calls);
    return 0;
  }

  private void loop(PdClient client, Measurement calls, LongAdder backward, AtomicBoolean stop) {
    long last = 0;
    while (!stop.get()) {
      long start = System.nanoTime();
      try {
        TsoRange range = client.tsoBatch(count).join();
        calls.done(System.nanoTime() - start);
        if (range.first() <= last) {
          backward.increment();
        }
        last = range.first() + count - 1;
      } catch (CompletionException e) {
        calls.failed();
      }
    }
  }

  private void print(Measurement calls) {
    double perSecond = calls.perSecond() * count;
    if (spec == null) {
      throw new IllegalStateException("not run by picocli");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("timestampsPerSecond", Math.round(perSecond));
      map.put("calls", calls.toMap());
      out.println(JsonMapper.shared().writeValueAsString(map));
    } else {
      out.printf(
          Locale.ROOT,
          "tso: %d callers x %d timestamps, 1 connection, %d s: %.0f timestamps/s%n",
          callers,
          count,
          durationSeconds,
          perSecond);
      out.println(Measurement.tableHead());
      out.println(calls.toRow());
    }
    out.flush();
  }
}
