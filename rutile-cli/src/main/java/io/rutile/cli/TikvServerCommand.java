package io.rutile.cli;

import io.rutile.base.log.Logging;
import io.rutile.base.log.Redaction;
import io.rutile.base.thread.Fatal;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import io.rutile.server.node.StoreNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code rutile tikv-server}: one store as a process of its own, by TiKV's flags and configuration
 * file. A flag has precedence over the file.
 */
@Command(
    name = "tikv-server",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Runs one store.")
final class TikvServerCommand implements Callable<Integer> {
  @Option(
      names = {"-C", "--config"},
      paramLabel = "FILE",
      description = "configuration file (TOML)")
  private @Nullable Path config;

  @Option(names = "--config-check", description = "checks the configuration and ends")
  private boolean configCheck;

  @Option(
      names = "--config-info",
      paramLabel = "FORMAT",
      description = "prints every item with its default and its value, as json, and ends")
  private @Nullable String configInfo;

  @Option(
      names = "--print-sample-config",
      description = "prints a configuration file with every item at its default, and ends")
  private boolean printSampleConfig;

  @Option(
      names = {"-A", "--addr"},
      paramLabel = "ADDR",
      description = "server.addr")
  private @Nullable String addr;

  @Option(names = "--advertise-addr", paramLabel = "ADDR", description = "server.advertise-addr")
  private @Nullable String advertiseAddr;

  @Option(names = "--status-addr", paramLabel = "ADDR", description = "server.status-addr")
  private @Nullable String statusAddr;

  @Option(
      names = "--advertise-status-addr",
      paramLabel = "ADDR",
      description = "server.advertise-status-addr")
  private @Nullable String advertiseStatusAddr;

  @Option(
      names = {"-s", "--data-dir", "--store"},
      paramLabel = "DIR",
      description = "storage.data-dir")
  private @Nullable String dataDir;

  @Option(names = "--capacity", paramLabel = "SIZE", description = "raftstore.capacity")
  private @Nullable String capacity;

  @Option(
      names = {"--pd", "--pd-endpoints", "--pd-endpoint"},
      paramLabel = "ADDR,...",
      description = "pd.endpoints")
  private @Nullable List<String> pdEndpoints;

  @Option(
      names = {"--labels", "--label"},
      paramLabel = "KEY=VALUE,...",
      description = "server.labels")
  private @Nullable List<String> labels;

  @Option(
      names = {"-L", "--log-level", "--log"},
      paramLabel = "LEVEL",
      description = "log.level")
  private @Nullable String logLevel;

  @Option(
      names = {"-f", "--log-file"},
      paramLabel = "FILE",
      description = "log.file.filename")
  private @Nullable String logFile;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (printSampleConfig) {
      out.print(TikvConfig.mapper().sample());
      return 0;
    }
    if (configInfo != null && !configInfo.equals("json")) {
      throw new ParameterException(
          spec.commandLine(), "--config-info " + configInfo + ": the only format is json");
    }
    TikvConfig loaded = TikvConfig.load(config, items(), Machine.here());
    if (configInfo != null) {
      out.println(ConfigInfo.json(TikvConfig.mapper(), loaded, StoreNode.TIKV_VERSION));
      return 0;
    }
    if (configCheck) {
      out.println("config check successful");
      return 0;
    }
    Logging.start(loaded.log());
    Redaction.set(Redaction.Mode.of(loaded.security().redactInfoLog()));
    LiveConfig live = new LiveConfig(loaded, config, Logging::setLevel);
    return ForegroundProcess.run(
        process -> process.opened(StoreNode.start(live, Fatal.haltProcess())));
  }

  private Map<String, String> items() {
    Map<String, String> items = new LinkedHashMap<>();
    put(items, "server.addr", addr);
    put(items, "server.advertise-addr", advertiseAddr);
    put(items, "server.status-addr", statusAddr);
    put(items, "server.advertise-status-addr", advertiseStatusAddr);
    put(items, "storage.data-dir", dataDir);
    put(items, "raftstore.capacity", capacity);
    put(items, "pd.endpoints", joined(pdEndpoints));
    put(items, "server.labels", joined(labels));
    put(items, "log.level", logLevel);
    put(items, "log.file.filename", logFile);
    return items;
  }

  private static void put(Map<String, String> items, String key, @Nullable String value) {
    if (value != null) {
      items.put(key, value);
    }
  }

  private static @Nullable String joined(@Nullable List<String> parts) {
    return parts == null ? null : String.join(",", parts);
  }
}
