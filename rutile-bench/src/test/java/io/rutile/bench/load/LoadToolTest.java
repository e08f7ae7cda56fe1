package io.rutile.bench.load;

import static io.rutile.bench.load.LoadConfig.Commit.TWO_PHASE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Server;
import io.rutile.bench.load.LoadConfig.Commit;
import io.rutile.bench.load.LoadConfig.Distribution;
import io.rutile.bench.load.LoadConfig.Mode;
import io.rutile.bench.load.LoadConfig.Workload;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LoadToolTest {
  private static final Progress QUIET = new Progress(false);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"RAW,GET", "RAW,PUT", "RAW,SCAN", "RAW,MIXED", "TXN,PUT", "TXN,MIXED"})
  void lanesKeepFramesInFlightAndCountEachAnswer(Mode mode, Workload workload) throws Exception {
    runAgainstEcho(config(mode, workload));
  }

  @ParameterizedTest
  @EnumSource
  void transactionsCommitEachWay(Commit commit) throws Exception {
    runAgainstEcho(config(commit));
  }

  private static void runAgainstEcho(LoadConfig config) throws Exception {
    Server echo = new EchoServer(config.valueBytes(), config.scanLimit()).start();
    try (ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT)) {
      Routes routes = Routes.to("127.0.0.1:" + echo.getPort(), config.mode());
      Measurement result = new LoadRun("echo", config, routes, null, channels).run(QUIET);
      // The first run has a cold start within its only second.
      for (int attempt = 0; attempt < 10 && result.operations() == 0; attempt++) {
        result = new LoadRun("echo", config, routes, null, channels).run(QUIET);
      }
      Map<String, Object> figures = result.toMap();
      assertThat(result.operations()).isPositive();
      assertThat(figures).containsEntry("errors", 0L).containsEntry("retries", 0L);
      assertThat((double) figures.get("p50Millis")).isPositive();
      assertThat((double) figures.get("p999Millis"))
          .isGreaterThanOrEqualTo((double) figures.get("p50Millis"));
    } finally {
      echo.shutdownNow();
    }
  }

  @Test
  void brokenServerEndsTheRunWithItsReason() throws Exception {
    LoadConfig config = config(Mode.RAW, Workload.GET);
    try (ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT)) {
      Routes nowhere = Routes.to("127.0.0.1:1", Mode.RAW);
      assertThatThrownBy(() -> new LoadRun("x", config, nowhere, null, channels).run(QUIET))
          .isInstanceOf(BenchException.class)
          .hasMessageContaining("UNAVAILABLE");
    }
  }

  @ParameterizedTest
  @CsvSource({"GET", "PUT", "SCAN", "MIXED"})
  void engineLimitRunsEveryWorkload(Workload workload) throws Exception {
    LoadConfig config = config(Mode.RAW, workload);
    Measurement result = new EngineLimit(config, directory.resolve("db")).run(QUIET);
    assertThat(result.operations()).isGreaterThan(10);
    assertThat(result.toMap()).containsEntry("errors", 0L);
  }

  @Test
  void echoServerIsAProcessOfItsOwn() {
    LoadConfig config = config(Mode.RAW, Workload.GET);
    try (EchoProcess process = EchoProcess.start(config)) {
      assertThat(process.address()).matches("127\\.0\\.0\\.1:\\d+");
    }
  }

  @Test
  void zipfPrefersFewKeysAndUniformDoesNot() {
    LoadConfig uniform = config(Mode.RAW, Workload.GET);
    assertThat(hottestShare(uniform)).isLessThan(0.01);
    assertThat(hottestShare(config(Distribution.ZIPF))).isBetween(0.08, 0.20);
  }

  @Test
  void keysAscendWithTheirNumber() {
    Set<String> texts = new TreeSet<>();
    for (long index : new long[] {0, 9, 10, 99, 100, 4_294_967_295L}) {
      texts.add(new String(KeyChooser.key(index), StandardCharsets.US_ASCII));
    }
    assertThat(texts)
        .containsExactly(
            "bench/000000000000",
            "bench/000000000009",
            "bench/000000000010",
            "bench/000000000099",
            "bench/000000000100",
            "bench/004294967295");
  }

  @Test
  void reportNamesRatiosToBothLimits() {
    LoadConfig config = config(Mode.RAW, Workload.GET);
    Report report =
        new Report(
            config, List.of(measured("cluster"), measured("gRPC echo"), measured("engine alone")));
    JsonNode json = JsonMapper.shared().readTree(report.toJson());
    assertThat(json.at("/results/cluster/operations").asLong()).isEqualTo(1);
    assertThat(json.at("/ratios/gRPC echo").isNumber()).isTrue();
    assertThat(json.at("/config/workload").asString()).isEqualTo("get");
    assertThat(report.toText()).contains("cluster / gRPC echo").contains("p99.9 ms");
  }

  @Test
  void optionsOutOfBoundsAreUsageErrors() {
    CommandLine command =
        new CommandLine(new BenchCommand()).setCaseInsensitiveEnumValuesAllowed(true);
    assertThat(command.execute("raw", "get", "--threads", "0")).isEqualTo(2);
    assertThat(command.execute("raw", "dance")).isEqualTo(2);
  }

  private static Measurement measured(String name) {
    Measurement measurement = new Measurement(name);
    measurement.start();
    measurement.done(1_000_000);
    measurement.stop();
    return measurement;
  }

  private static double hottestShare(LoadConfig config) {
    KeyChooser chooser = new KeyChooser(config, KeyChooser.Zipf.of(config.keys()), 0);
    int[] hits = new int[(int) config.keys()];
    int draws = 100_000;
    for (int i = 0; i < draws; i++) {
      hits[(int) chooser.index()]++;
    }
    return Arrays.stream(hits).max().orElseThrow() / (double) draws;
  }

  private static LoadConfig config(Mode mode, Workload workload) {
    return new LoadConfig(
        mode, workload, 4, 2, 8, 100, 1000, Distribution.UNIFORM, 50, 10, 1, TWO_PHASE, 0, 1, 1);
  }

  private static LoadConfig config(Commit commit) {
    return new LoadConfig(
        Mode.TXN,
        Workload.PUT,
        4,
        2,
        8,
        100,
        1000,
        Distribution.UNIFORM,
        50,
        10,
        3,
        commit,
        0,
        1,
        1);
  }

  private static LoadConfig config(Distribution distribution) {
    return new LoadConfig(
        Mode.RAW, Workload.GET, 4, 2, 8, 100, 1000, distribution, 50, 10, 1, TWO_PHASE, 0, 1, 1);
  }
}
