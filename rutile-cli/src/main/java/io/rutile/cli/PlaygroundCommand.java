package io.rutile.cli;

import io.rutile.base.log.LogConfig;
import io.rutile.base.log.Logging;
import io.rutile.base.thread.Fatal;
import io.rutile.pd.PdServer;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import io.rutile.server.node.StoreNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code rutile playground}: PD and stores in this process, until a signal comes. The same classes
 * run as processes of their own; only the caches are small here.
 */
@Command(
    name = "playground",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Runs a cluster in one process: PD and one or more stores.")
final class PlaygroundCommand implements Callable<Integer> {
  @Option(
      names = "--stores",
      paramLabel = "N",
      defaultValue = "1",
      description = "number of stores (default: ${DEFAULT-VALUE})")
  private int stores;

  @Option(
      names = "--pds",
      paramLabel = "N",
      defaultValue = "1",
      description = "number of PD members, 1, 3 or 5 (default: ${DEFAULT-VALUE})")
  private int pds;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "keeps the data, so that a second start goes on with it (default: a temporary directory,"
              + " removed at the end)")
  private @Nullable Path dataDir;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "address to listen on and to tell clients (default: ${DEFAULT-VALUE})")
  private String host = "127.0.0.1";

  @Option(
      names = "--pd-port",
      paramLabel = "PORT",
      defaultValue = "2379",
      description =
          "PD: gRPC and HTTP (default: ${DEFAULT-VALUE}; 0 picks a free one); several members take"
              + " two ports each from here on")
  private int pdPort;

  @Option(
      names = "--kv-port",
      paramLabel = "PORT",
      defaultValue = "20160",
      description = "first store: gRPC; the others follow (default: ${DEFAULT-VALUE})")
  private int kvPort;

  @Option(
      names = "--status-port",
      paramLabel = "PORT",
      defaultValue = "20180",
      description = "first store: status HTTP; the others follow (default: ${DEFAULT-VALUE})")
  private int statusPort;

  @Option(
      names = "--api-version",
      paramLabel = "1|2",
      defaultValue = "1",
      description = "storage.api-version (default: ${DEFAULT-VALUE})")
  private int apiVersion;

  @Option(
      names = "--enable-ttl",
      description = "storage.enable-ttl: raw keys may expire (always so in API version 2)")
  private boolean enableTtl;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    checkOptions();
    PrintWriter out = spec.commandLine().getOut();
    return ForegroundProcess.run(process -> {
      List<StoreNode> nodes = new ArrayList<>();
      Path directory = directory(process, out);
      Logging.start(LogConfig.defaults().withFile(directory.resolve("rutile.log").toString()));
      List<PdServer> members =
          PlaygroundPd.start(process, directory.resolve("pd"), host, pdPort, pds);
      start(process, directory, members, nodes);
      printEndpoints(out, members, nodes);
    });
  }

  private void start(
      ForegroundProcess process, Path directory, List<PdServer> members, List<StoreNode> nodes) {
    String endpoints =
        members.stream()
            .map(member -> host + ":" + member.clientPort())
            .collect(Collectors.joining(","));
    for (int i = 0; i < stores; i++) {
      Map<String, String> items = TikvConfig.sharedMachine();
      items.put("server.addr", host + ":" + nth(kvPort, i));
      items.put("server.status-addr", host + ":" + nth(statusPort, i));
      items.put("storage.data-dir", directory.resolve("tikv-" + (i + 1)).toString());
      items.put("storage.api-version", String.valueOf(apiVersion));
      items.put("storage.enable-ttl", String.valueOf(enableTtl));
      items.put("pd.endpoints", endpoints);
      TikvConfig config = TikvConfig.load(null, items, Machine.here());
      LiveConfig live = new LiveConfig(config, null, Logging::setLevel);
      nodes.add(process.opened(StoreNode.start(live, Fatal.haltProcess())));
    }
  }

  private static int nth(int firstPort, int i) {
    return firstPort == 0 ? 0 : firstPort + i;
  }

  private void checkOptions() {
    if (stores < 1) {
      throw refuse("--stores " + stores + ": a cluster has at least one store");
    }
    if (pds != 1 && pds != 3 && pds != 5) {
      throw refuse("--pds " + pds + ": allowed are 1, 3 and 5");
    }
    if (pds > 1 && pdPort == 0) {
      throw refuse("--pds " + pds + ": the members must know each other's ports, give --pd-port");
    }
    if (apiVersion != 1 && apiVersion != 2) {
      throw refuse("--api-version " + apiVersion + ": allowed are 1 and 2");
    }
  }

  private ParameterException refuse(String text) {
    return new ParameterException(spec.commandLine(), text);
  }

  private Path directory(ForegroundProcess process, PrintWriter out) {
    Path given = dataDir;
    if (given != null) {
      return given;
    }
    try {
      Path temporary = Files.createTempDirectory("rutile-playground-");
      process.opened(() -> delete(temporary));
      out.println(
          "Data is in " + temporary + " and will be removed at the end (--data-dir keeps it).");
      out.flush();
      return temporary;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary directory", e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void printEndpoints(
      PrintWriter out, List<PdServer> members, List<StoreNode> nodes) {
    PdServer pd = members.getFirst();
    out.println("Cluster " + Long.toUnsignedString(pd.clusterId()) + " is up.");
    members.forEach(member -> out.println("  PD       " + member.clientUrl()));
    for (StoreNode node : nodes) {
      out.println(
          "  store "
              + node.storeId()
              + "  "
              + node.address()
              + "  (status http://"
              + node.statusAddress()
              + ")");
    }
    out.println("Try it:");
    out.println("  curl " + pd.clientUrl() + "/pd/api/v1/stores");
    out.println("  curl " + "http://" + nodes.get(0).statusAddress() + "/metrics");
    out.println("Ctrl-C stops it.");
    out.flush();
  }
}
