package io.rutile.cli;

import io.rutile.pd.PdServer;
import io.rutile.pd.PdServerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The PD members of a playground. */
final class PlaygroundPd {
  private PlaygroundPd() {}

  /** Starts them and waits until one leads and all can be found. */
  static List<PdServer> start(
      ForegroundProcess process, Path directory, String host, int firstPort, int members) {
    if (members == 1) {
      return List.of(
          process.opened(PdServer.start(PdServerConfig.single("pd", directory, host, firstPort))));
    }
    List<String> founders = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      founders.add(name(i) + "=" + url(host, firstPort + 2 * i + 1));
    }
    List<PdServer> started = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      started.add(
          process.opened(
              PdServer.start(
                  PdServerConfig.founder(
                      name(i),
                      directory.resolveSibling(name(i)),
                      url(host, firstPort + 2 * i),
                      url(host, firstPort + 2 * i + 1),
                      founders))));
    }
    PdServer.awaitGroup(started);
    return started;
  }

  private static String name(int index) {
    return "pd-" + (index + 1);
  }

  private static String url(String host, int port) {
    return "http://" + host + ":" + port;
  }
}
