package io.rutile.pd.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.config.ReadableDuration;
import io.rutile.base.tls.TlsFiles;
import io.rutile.pd.PdServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PdFileTest {
  @TempDir Path directory;

  @Test
  void withoutAFileDefaultsHoldAndTheHostGivesTheName() {
    PdFile file = PdFile.load(null, Map.of(), "host7");
    assertThat(file.name()).isEqualTo("pd-host7");
    assertThat(file.dataDir()).isEqualTo("default.pd-host7");
    assertThat(file.pdConfig()).isEqualTo(PdConfig.DEFAULT);
    PdServerConfig server = PdServerConfig.of(file);
    assertThat(server.initialCluster()).isEmpty();
    assertThat(server.tls()).isEmpty();
  }

  @Test
  void theFileAndThenTheCommandLineDecide() throws Exception {
    Path path =
        Files.writeString(
            directory.resolve("pd.toml"),
            """
            name = "pd-1"
            client-urls = "https://0.0.0.0:2379"
            advertise-client-urls = "https://pd-1:2379"
            peer-urls = "https://0.0.0.0:2380"
            initial-cluster = "pd-1=https://pd-1:2380,pd-2=https://pd-2:2380"
            lease = 3
            tso-save-interval = "3s"
            [log]
            level = "warn"
            [log.file]
            filename = "/log/pd.log"
            [security]
            cacert-path = "/ca"
            cert-path = "/cert"
            key-path = "/key"
            cert-allowed-cn = ["tikv"]
            redact-info-log = true
            [schedule]
            max-store-down-time = "1h0m0s"
            leader-schedule-limit = 8
            [replication]
            max-replicas = 5
            location-labels = ["zone", "host"]
            [dashboard]
            public-path-prefix = "/"
            """);
    PdFile file = PdFile.load(path, Map.of("name", "pd-2", "log.level", "info"), "host7");
    assertThat(file.log().level()).isEqualTo("info");
    PdServerConfig server = PdServerConfig.of(file);
    assertThat(server.name()).isEqualTo("pd-2");
    assertThat(server.dataDir()).isEqualTo(Path.of("default.pd-2"));
    assertThat(server.initialCluster())
        .containsExactly("pd-1=https://pd-1:2380", "pd-2=https://pd-2:2380");
    assertThat(server.tls())
        .contains(new TlsFiles(Path.of("/ca"), Path.of("/cert"), Path.of("/key"), Set.of("tikv")));
    PdConfig config = server.config();
    assertThat(config.tsoSaveInterval()).isEqualTo(ReadableDuration.seconds(3));
    assertThat(config.schedule().maxStoreDownTime()).isEqualTo(ReadableDuration.hours(1));
    assertThat(config.schedule().leaderScheduleLimit()).isEqualTo(8);
    assertThat(config.replication().locationLabels()).isEqualTo(List.of("zone", "host"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "data_dir = 'x' | :1: data_dir = \"x\": unknown; did you mean data-dir?",
        "schedule.leader-schedule-limit = -1 | :1: schedule.leader-schedule-limit = -1: expected an"
            + " integer, at least 0",
        "schedule.leader-schedule-policy = 'x' | :1: schedule.leader-schedule-policy = \"x\":"
            + " expected one of count, size",
        "replication.max-replicas = 0 | :1: replication.max-replicas = 0: expected an integer from"
            + " 1 to 100",
        "replication.location-labels = 'zone' | :1: replication.location-labels = \"zone\":"
            + " expected a list of strings",
        "schedule.low-space-ratio = 0.6 | : schedule.low-space-ratio must be greater than"
            + " schedule.high-space-ratio",
        "log-level = 'info' | :1: log-level was removed: write log.level",
        "security.cert-path = '/cert' | :1: [security]: cacert-path, cert-path and key-path are set"
            + " together or not at all"
      })
  void refusesWhatCannotBe(String toml, String message) throws Exception {
    Path path = Files.writeString(directory.resolve("pd.toml"), toml);
    assertThatThrownBy(() -> PdFile.load(path, Map.of(), "host7"))
        .isInstanceOf(io.rutile.base.config.ConfigException.class)
        .hasMessage(path + message);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:2379", "https://127.0.0.1:2379", "http://a:1;http://b:2", "http://a"})
  void anAddressThatIsNoUrlIsRefused(String url) {
    assertThatThrownBy(() -> PdFile.load(null, Map.of("client-urls", url), "host7"))
        .hasMessage(
            "client-urls = \"" + url + "\": expected one URL such as \"http://127.0.0.1:2379\"");
  }

  @Test
  void joiningAndFoundingExcludeEachOther() {
    Map<String, String> both = Map.of("join", "http://a:1", "initial-cluster", "a=http://a:1");
    assertThatThrownBy(() -> PdFile.load(null, both, "host7"))
        .hasMessage("initial-cluster and join exclude each other");
  }

  @Test
  void durationsAreShownAsPdShowsThem() {
    assertThat(GoDuration.text(Duration.ZERO)).isEqualTo("0s");
    assertThat(GoDuration.text(Duration.ofMillis(10))).isEqualTo("10ms");
    assertThat(GoDuration.text(Duration.ofNanos(1_500))).isEqualTo("1500ns");
    assertThat(GoDuration.text(Duration.ofMillis(1_500))).isEqualTo("1.5s");
    assertThat(GoDuration.text(Duration.ofMinutes(30))).isEqualTo("30m0s");
    assertThat(GoDuration.text(Duration.ofHours(48).plusSeconds(5))).isEqualTo("48h0m5s");
  }

  @Test
  void locationLabelsAreTextOverHttp() {
    ReplicationConfig labelled =
        ConfigCodec.patch(
            ReplicationConfig.DEFAULT, Map.of("location-labels", "zone, host"), "replication");
    assertThat(labelled.locationLabels()).containsExactly("zone", "host");
    assertThat(ConfigCodec.toMap(labelled)).containsEntry("location-labels", "zone,host");
  }
}
