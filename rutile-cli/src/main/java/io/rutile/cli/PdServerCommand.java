package io.rutile.cli;

import io.rutile.base.clock.Clock;
import io.rutile.base.log.Logging;
import io.rutile.base.log.Redaction;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.base.thread.Fatal;
import io.rutile.pd.PdServer;
import io.rutile.pd.PdServerConfig;
import io.rutile.pd.config.PdFile;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code rutile pd-server}: one PD member as a process of its own, by PD's flags and configuration
 * file. A flag has precedence over the file.
 */
@Command(
    name = "pd-server",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Runs one member of the Placement Driver.")
final class PdServerCommand implements Callable<Integer> {
  @Option(names = "--config", paramLabel = "FILE", description = "configuration file (TOML)")
  private @Nullable Path config;

  @Option(names = "--config-check", description = "checks the configuration and ends")
  private boolean configCheck;

  @Option(names = "--name", paramLabel = "NAME", description = "name of the member")
  private @Nullable String name;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "directory of this member (default: default.NAME)")
  private @Nullable String dataDir;

  @Option(
      names = "--client-urls",
      paramLabel = "URL",
      description = "where clients connect (default: http://127.0.0.1:2379)")
  private @Nullable String clientUrls;

  @Option(
      names = "--advertise-client-urls",
      paramLabel = "URL",
      description = "what clients are told to connect to (default: --client-urls)")
  private @Nullable String advertiseClientUrls;

  @Option(
      names = "--peer-urls",
      paramLabel = "URL",
      description = "where other members connect (default: http://127.0.0.1:2380)")
  private @Nullable String peerUrls;

  @Option(
      names = "--advertise-peer-urls",
      paramLabel = "URL",
      description = "what other members are told to connect to (default: --peer-urls)")
  private @Nullable String advertisePeerUrls;

  @Option(
      names = "--initial-cluster",
      paramLabel = "NAME=URL,...",
      description = "the founding members and their peer URLs (default: this one alone)")
  private @Nullable String initialCluster;

  @Option(
      names = "--join",
      paramLabel = "URL,...",
      description = "client URLs of the cluster to join")
  private @Nullable String join;

  @Option(names = "--cacert", paramLabel = "FILE", description = "security.cacert-path")
  private @Nullable String cacert;

  @Option(names = "--cert", paramLabel = "FILE", description = "security.cert-path")
  private @Nullable String cert;

  @Option(names = "--key", paramLabel = "FILE", description = "security.key-path")
  private @Nullable String key;

  @Option(names = "-L", paramLabel = "LEVEL", description = "log.level")
  private @Nullable String logLevel;

  @Option(names = "--log-file", paramLabel = "FILE", description = "log.file.filename")
  private @Nullable String logFile;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PdFile loaded = PdFile.load(config, items(), hostName());
    if (configCheck) {
      spec.commandLine().getOut().println("config check successful");
      return 0;
    }
    Logging.start(loaded.log());
    Redaction.set(Redaction.Mode.of(loaded.security().redactInfoLog()));
    PdServerConfig member = PdServerConfig.of(loaded);
    return ForegroundProcess.run(process ->
        process.opened(
            PdServer.start(member, Clock.system(), new MetricRegistry(), Fatal.haltProcess())));
  }

  private Map<String, String> items() {
    Map<String, String> items = new LinkedHashMap<>();
    put(items, "name", name);
    put(items, "data-dir", dataDir);
    put(items, "client-urls", clientUrls);
    put(items, "advertise-client-urls", advertiseClientUrls);
    put(items, "peer-urls", peerUrls);
    put(items, "advertise-peer-urls", advertisePeerUrls);
    put(items, "initial-cluster", initialCluster);
    put(items, "join", join);
    put(items, "security.cacert-path", cacert);
    put(items, "security.cert-path", cert);
    put(items, "security.key-path", key);
    put(items, "log.level", logLevel);
    put(items, "log.file.filename", logFile);
    return items;
  }

  private static void put(Map<String, String> items, String key, @Nullable String value) {
    if (value != null) {
      items.put(key, value);
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
