package io.rutile.cli;

import io.rutile.base.log.Logging;
import io.rutile.base.thread.Fatal;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import io.rutile.server.node.NodeConfig;
import io.rutile.server.node.NodeConfig.Disk;
import io.rutile.server.node.NodeConfig.Endpoint;
import io.rutile.server.node.StoreNode;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * file.
 */
@Command(name = "tikv-server", mixinStandardHelpOptions = true, description = "Runs one store.")
final class TikvServerCommand implements Callable<Integer> {
  private static final int TRANSPORT_THREADS = 2;

  @Option(
      names = {"-C", "--config"},
      paramLabel = "FILE",
      description = "configuration file (TOML)")
  private @Nullable Path config;

  @Option(names = "--config-check", description = "checks the configuration and ends")
  private boolean configCheck;

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
      names = {"-s", "--data-dir"},
      paramLabel = "DIR",
      description = "storage.data-dir")
  private @Nullable String dataDir;

  @Option(names = "--capacity", paramLabel = "SIZE", description = "raftstore.capacity")
  private @Nullable String capacity;

  @Option(
      names = {"--pd", "--pd-endpoints"},
      paramLabel = "ADDR",
      split = ",",
      description = "pd.endpoints")
  private List<String> pdEndpoints = new ArrayList<>();

  @Option(names = "--labels", paramLabel = "KEY=VALUE", split = ",", description = "server.labels")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = {"-L", "--log-level"},
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
    TikvConfig loaded = TikvConfig.load(config, items(), Machine.here());
    refuseUnsupported(loaded);
    if (configCheck) {
      spec.commandLine().getOut().println("config check successful");
      return 0;
    }
    Logging.start(loaded.log());
    return ForegroundProcess.run(
        process -> process.opened(StoreNode.start(nodeConfig(loaded), Fatal.haltProcess())));
  }

  private Map<String, String> items() {
    Map<String, String> items = new LinkedHashMap<>();
    put(items, "server.addr", addr);
    put(items, "server.advertise-addr", advertiseAddr);
    put(items, "server.status-addr", statusAddr);
    put(items, "server.advertise-status-addr", advertiseStatusAddr);
    put(items, "storage.data-dir", dataDir);
    put(items, "raftstore.capacity", capacity);
    put(items, "log.level", logLevel);
    put(items, "log.file.filename", logFile);
    return items;
  }

  private static void put(Map<String, String> items, String key, @Nullable String value) {
    if (value != null) {
      items.put(key, value);
    }
  }

  /** What would otherwise be taken for granted although it is not there. */
  private void refuseUnsupported(TikvConfig loaded) {
    if (!loaded.security().certPath().isEmpty() || !loaded.security().caPath().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "security: TLS between stores and clients is not supported yet; remove the certificate paths");
    }
  }

  private NodeConfig nodeConfig(TikvConfig loaded) {
    Map<String, String> storeLabels = new LinkedHashMap<>(loaded.server().labels());
    storeLabels.putAll(labels);
    return new NodeConfig(
        endpoint(loaded.server().addr(), loaded.server().advertiseAddr()),
        endpoint(
            loaded.server().statusAddr().isEmpty() ? "127.0.0.1:0" : loaded.server().statusAddr(),
            loaded.server().advertiseStatusAddr()),
        Path.of(loaded.storage().dataDir()),
        pdEndpoints.isEmpty() ? loaded.pd().endpoints() : pdEndpoints,
        storeLabels,
        new Disk(loaded.raftstore().capacity().bytes(), loaded.storage().reserveSpace().bytes()),
        TRANSPORT_THREADS,
        loaded.server().grpc(),
        loaded.rocks(),
        loaded.raftEngine().raftLog(),
        loaded.raftstoreConfig(),
        loaded.storageSettings());
  }

  private static Endpoint endpoint(String address, String advertised) {
    int colon = address.lastIndexOf(':');
    return new Endpoint(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)), advertised);
  }
}
