package io.rutile.bench.load;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.ErrorCategory;
import io.rutile.bench.raft.RaftBench;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.client.pd.PdClient;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rutile bench}: load on a cluster beside its two limits. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = {TsoBench.class, RaftBench.class},
    description =
        "Puts closed-loop load on a cluster and on two limits in the same call: a bare gRPC echo of"
            + " the same messages and the bare storage engine. Read the ratios: they hold on any"
            + " machine.")
public final class BenchCommand implements Callable<Integer> {
  private static final Duration PD_PATIENCE = Duration.ofSeconds(10);

  @Spec @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      description = "Commands to use: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  LoadConfig.Mode mode = LoadConfig.Mode.RAW;

  @Parameters(
      index = "1",
      arity = "0..1",
      description = "Operations: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  LoadConfig.Workload workload = LoadConfig.Workload.GET;

  @Option(
      names = "--pd",
      split = ",",
      defaultValue = "127.0.0.1:2379",
      description = "PD endpoints (default: ${DEFAULT-VALUE}).")
  List<String> pd = List.of();

  @Option(names = "--threads", defaultValue = "8", description = "Closed loops (${DEFAULT-VALUE}).")
  int threads;

  @Option(
      names = "--connections",
      defaultValue = "2",
      description = "Connections to each store (${DEFAULT-VALUE}).")
  int connections;

  @Option(
      names = "--batch",
      defaultValue = "32",
      description = "Requests in a BatchCommands frame of a loop (${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--value-size",
      defaultValue = "100",
      description = "Bytes of a value (${DEFAULT-VALUE}).")
  int valueBytes;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Distinct keys (${DEFAULT-VALUE}).")
  long keys;

  @Option(
      names = "--distribution",
      defaultValue = "uniform",
      description = "Choice of keys: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  LoadConfig.Distribution distribution = LoadConfig.Distribution.UNIFORM;

  @Option(
      names = "--read-percent",
      defaultValue = "50",
      description = "Share of gets in the mixed workload (${DEFAULT-VALUE}).")
  int readPercent;

  @Option(
      names = "--scan-limit",
      defaultValue = "100",
      description = "Rows of one scan (${DEFAULT-VALUE}).")
  int scanLimit;

  @Option(
      names = "--txn-keys",
      defaultValue = "1",
      description = "Neighbouring keys that a transaction writes (${DEFAULT-VALUE}).")
  int txnKeys;

  @Option(
      names = "--commit",
      defaultValue = "two_phase",
      description = "How transactions commit: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  LoadConfig.Commit commit = LoadConfig.Commit.TWO_PHASE;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      description = "Seconds before the measurement (${DEFAULT-VALUE}).")
  int warmupSeconds;

  @Option(
      names = "--duration",
      defaultValue = "10",
      description = "Seconds of the measurement (${DEFAULT-VALUE}).")
  int durationSeconds;

  @Option(names = "--seed", defaultValue = "1", description = "Seed of keys and operations.")
  long seed;

  @Option(names = "--no-load", description = "Do not write the keys first.")
  boolean noLoad;

  @Option(names = "--no-limits", description = "Do not run the limits.")
  boolean noLimits;

  @Option(
      names = "--limit-dir",
      paramLabel = "DIR",
      description =
          "Where the bare engine puts its files, on the disk of the stores (default: a temporary"
              + " directory).")
  @Nullable Path limitDirectory;

  @Option(names = "--json", description = "Print the result as JSON.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    LoadConfig config = config();
    Progress progress = new Progress(!json && System.console() != null);
    if (noLimits) {
      print(new Report(config, List.of(cluster(config, progress))));
      return 0;
    }
    List<Measurement> results = new ArrayList<>();
    try (EchoProcess echo = EchoProcess.start(config)) {
      // This process makes the load for both: it has to be warm before the first is measured.
      echo("warm-up of the client", config, echo, progress);
      results.add(cluster(config, progress));
      results.add(echo("gRPC echo", config, echo, progress));
    }
    results.add(engine(config, progress));
    print(new Report(config, results));
    return 0;
  }

  private Measurement cluster(LoadConfig config, Progress progress) throws Exception {
    try (ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
        PdClient client = GrpcPdClient.connect(channels, pd, Clock.system(), PD_PATIENCE)) {
      if (!noLoad && config.workload() != LoadConfig.Workload.PUT) {
        new Loader(config, channels, client).load(progress);
      }
      Routes routes = Routes.of(client, config.mode());
      if (routes.regions() == 0) {
        throw new BenchException(
            ErrorCategory.RETRY_LATER, "the cluster of " + pd + " has no region yet");
      }
      return new LoadRun("cluster", config, routes, client, channels).run(progress);
    }
  }

  private LoadConfig config() {
    try {
      return new LoadConfig(
          mode,
          workload,
          threads,
          connections,
          batch,
          valueBytes,
          keys,
          distribution,
          readPercent,
          scanLimit,
          txnKeys,
          commit,
          warmupSeconds,
          durationSeconds,
          seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(requireSpec().commandLine(), e.getMessage());
    }
  }

  private static Measurement echo(
      String name, LoadConfig config, EchoProcess server, Progress progress)
      throws InterruptedException {
    try (ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT)) {
      Routes routes = Routes.to(server.address(), config.mode());
      return new LoadRun(name, config, routes, null, channels).run(progress);
    }
  }

  private Measurement engine(LoadConfig config, Progress progress)
      throws InterruptedException, IOException {
    Path parent = limitDirectory;
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Path directory =
        parent == null
            ? Files.createTempDirectory("rutile-bench")
            : Files.createTempDirectory(parent, "rutile-bench");
    try {
      return new EngineLimit(config, directory.resolve("db")).run(progress);
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> found;
    try (Stream<Path> files = Files.walk(directory)) {
      found = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : found) {
      Files.deleteIfExists(file);
    }
  }

  private void print(Report report) {
    PrintWriter out = requireSpec().commandLine().getOut();
    out.println(json ? report.toJson() : report.toText());
    out.flush();
  }

  private CommandSpec requireSpec() {
    if (spec == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return spec;
  }
}
