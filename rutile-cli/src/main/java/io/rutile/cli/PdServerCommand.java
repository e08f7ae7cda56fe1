package io.rutile.cli;

import io.rutile.base.log.LogConfig;
import io.rutile.base.log.Logging;
import io.rutile.pd.PdServer;
import io.rutile.pd.PdServerConfig;
import io.rutile.pd.config.PdConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rutile pd-server}: one PD member as a process of its own, by PD's flags. */
@Command(
    name = "pd-server",
    mixinStandardHelpOptions = true,
    description = "Runs one member of the Placement Driver.")
final class PdServerCommand implements Callable<Integer> {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "pd",
      description = "name of the member (default: ${DEFAULT-VALUE})")
  private String name = "pd";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "default.pd",
      description = "directory of this member (default: ${DEFAULT-VALUE})")
  private Path dataDir = Path.of("default.pd");

  @Option(
      names = "--client-urls",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:2379",
      description = "where clients connect (default: ${DEFAULT-VALUE})")
  private String clientUrls = "";

  @Option(
      names = "--advertise-client-urls",
      paramLabel = "URL",
      defaultValue = "",
      description = "what clients are told to connect to (default: --client-urls)")
  private String advertiseClientUrls = "";

  @Option(
      names = "--peer-urls",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:2380",
      description = "where other members connect (default: ${DEFAULT-VALUE})")
  private String peerUrls = "";

  @Option(
      names = {"-L", "--log-level"},
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "debug, info, warn or error (default: ${DEFAULT-VALUE})")
  private String logLevel = "info";

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      defaultValue = "",
      description = "where to log (default: standard error)")
  private String logFile = "";

  @Override
  public Integer call() throws InterruptedException {
    Logging.start(LogConfig.defaults().withFile(logFile));
    Logging.setLevel(logLevel);
    return ForegroundProcess.run(process -> process.opened(PdServer.start(memberConfig())));
  }

  private PdServerConfig memberConfig() {
    return new PdServerConfig(
        name,
        dataDir,
        clientUrls,
        advertiseClientUrls,
        peerUrls,
        "",
        List.of(),
        List.of(),
        PdConfig.DEFAULT);
  }
}
