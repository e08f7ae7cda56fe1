package io.rutile.bench.load;

import io.rutile.base.error.ErrorCategory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** An {@link EchoServer} in a process of its own, so that client and server do not share a heap. */
final class EchoProcess implements AutoCloseable {
  private final Process process;
  private final int port;

  private EchoProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static EchoProcess start(LoadConfig config) {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command =
        List.of(
            java.toString(),
            "-XX:+UseG1GC",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            EchoServer.class.getName(),
            Integer.toString(config.valueBytes()),
            Integer.toString(config.scanLimit()));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      BufferedReader output = process.inputReader(StandardCharsets.US_ASCII);
      String line = output.readLine();
      if (line == null) {
        process.destroy();
        throw new BenchException(ErrorCategory.BUG, "the echo server did not start");
      }
      return new EchoProcess(process, Integer.parseInt(line.strip()));
    } catch (IOException e) {
      throw new BenchException(
          ErrorCategory.BUG, "the echo server cannot be started: " + e.getMessage(), e);
    }
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
