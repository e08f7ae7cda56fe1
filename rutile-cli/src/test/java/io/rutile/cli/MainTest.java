package io.rutile.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the servers print and how they end when they are not to run. */
class MainTest {
  @TempDir Path directory;

  /** One command: how it ended and what it printed. */
  private record Run(int exitCode, String out, String err) {
    static Run of(String... arguments) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      CommandLine line =
          Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
      return new Run(line.execute(arguments), out.toString(), err.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tikv-server", "pd-server"})
  void everythingThatIsWrongInAFileIsOneLineEachAndEndsTheStart(String command) throws Exception {
    Path file = config("log.level = \"loud\"\nlog.file.max-size = 0\nnonsense = 1\n");
    Run run = Run.of(command, "--config", file.toString());
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err.lines())
        .containsExactly(
            "rutile: "
                + file
                + ":1: log.level = \"loud\": expected one of trace, debug, info,"
                + " warn, warning, error, fatal",
            file + ":2: log.file.max-size = 0: expected an integer from 1 to 4096",
            file + ":3: nonsense = 1: unknown");
    assertThat(run.out).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tikv-server", "pd-server"})
  void aFileThatIsNotThereIsNamed(String command) {
    Run run = Run.of(command, "--config", "/nowhere/x.toml");
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err).isEqualTo("rutile: /nowhere/x.toml: no such file\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tikv-server", "pd-server"})
  void checkingAGoodFileStartsNothing(String command) throws Exception {
    Path file = config("log.level = \"warn\"\n");
    Run run = Run.of(command, "--config", file.toString(), "--config-check");
    assertThat(run.exitCode).isZero();
    assertThat(run.out).isEqualTo("config check successful\n");
  }

  @Test
  void flagsHavePrecedenceOverTheFile() throws Exception {
    Path file = config("server.addr = \"127.0.0.1:1\"\nstorage.data-dir = \"here\"\n");
    Run run =
        Run.of(
            "tikv-server",
            "-C",
            file.toString(),
            "-A",
            "127.0.0.1:2",
            "--pd",
            "a:1,b:2",
            "--labels",
            "zone=z1,host=h1",
            "--config-info",
            "json");
    assertThat(run.exitCode).as(run.err).isZero();
    String values = run.out.replaceAll("\\s+", "");
    assertThat(values)
        .contains(
            "\"server.addr\",\"DefaultValue\":\"127.0.0.1:20160\",\"ValueInFile\":\"127.0.0.1:2\"")
        .contains("\"storage.data-dir\",\"DefaultValue\":\"./\",\"ValueInFile\":\"here\"")
        .contains("\"ValueInFile\":[\"a:1\",\"b:2\"]")
        .contains("\"zone\":\"z1\"");
  }

  @Test
  void theSampleFileIsAFileThatCanBeUsed() throws Exception {
    Run sample = Run.of("tikv-server", "--print-sample-config");
    assertThat(sample.out).contains("[raftstore]", "# max-key-size = 8192");
    Path file = config(sample.out);
    assertThat(Run.of("tikv-server", "--config", file.toString(), "--config-check").exitCode)
        .isZero();
  }

  @Test
  void aTakenPortIsOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Run pd =
          Run.of(
              "pd-server",
              "--data-dir",
              directory.resolve("pd").toString(),
              "--client-urls",
              "http://" + address,
              "-L",
              "error");
      assertThat(pd.exitCode).isEqualTo(1);
      assertThat(pd.err)
          .isEqualTo(
              "rutile: cannot listen on " + address + ": the port is in use by another process\n");
      Run store =
          Run.of(
              "tikv-server",
              "--data-dir",
              directory.resolve("kv").toString(),
              "-A",
              address,
              "-L",
              "error");
      assertThat(store.exitCode).isEqualTo(1);
      assertThat(store.err).isEqualTo(pd.err);
    }
  }

  @Test
  void aDataDirectoryThatIsAFileIsNamed() throws Exception {
    Path file = config("");
    Run run = Run.of("tikv-server", "-A", "127.0.0.1:0", "-s", file.toString(), "-L", "error");
    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.err)
        .startsWith("rutile: storage.data-dir = \"" + file + "\" cannot be used: ")
        .hasLineCount(1);
  }

  @Test
  void aFlagThatDoesNotExistIsWrongUsage() {
    assertThat(Run.of("tikv-server", "--teleport").exitCode).isEqualTo(2);
    assertThat(Run.of("playground", "--stores", "0").exitCode).isEqualTo(2);
    assertThat(Run.of("tikv-server", "-V").out).startsWith("Rutile ");
  }

  private Path config(String text) throws IOException {
    return Files.writeString(directory.resolve("config.toml"), text);
  }
}
