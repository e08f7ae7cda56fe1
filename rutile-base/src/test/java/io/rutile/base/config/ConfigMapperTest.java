package io.rutile.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rutile.base.error.ErrorCodes;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigMapperTest {
  private static final OtherKeys OTHERS =
      OtherKeys.read(
          new ByteArrayInputStream(
              """
              # accepted for the sake of old files
              net.old-threads | integer | one event loop serves all
              backup.* | any | there is no backup
              net.extra.depth | size | nothing is that deep
              counter-mode | removed | counter counts always
              """
                  .getBytes(StandardCharsets.UTF_8)));

  private final ConfigMapper<SampleConfig> mapper = SampleConfig.mapper(OTHERS);

  @Test
  void whatIsNotSetHasItsDefault() {
    assertThat(mapper.parse("x.toml", "")).isEqualTo(SampleConfig.defaults());
  }

  @Test
  void readsEveryKindOfItem() {
    SampleConfig config =
        mapper.parse(
            "x.toml",
            """
            data-dir = "/data"
            counter = 100
            version = 2
            [net]
            max-message = "1MB"
            keep-alive = "1m30s"
            compression = "gzip"
            endpoints = ["a:1", "b:2"]
            old-threads = 4
            [net.limits]
            threads = 3
            low = 8
            ratio = 1
            secret = true
            [net.labels]
            zone = "z1"
            "host.name" = "h"
            [net.extra]
            depth = "1KB"
            [backup]
            anything = { goes = [1, 2] }
            """);
    assertThat(config)
        .isEqualTo(
            new SampleConfig(
                "/data",
                new SampleConfig.Net(
                    ReadableSize.mib(1),
                    ReadableDuration.seconds(90),
                    "gzip",
                    new SampleConfig.Limits(3, 8, 10, 1, true),
                    Map.of("zone", "z1", "host.name", "h"),
                    List.of("a:1", "b:2")),
                100,
                2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "counter = 'many' | x.toml:1: counter = \"many\": expected an integer from 1 to 100",
        "counter = 101 | x.toml:1: counter = 101: expected an integer from 1 to 100",
        "counter = 5000000000 | x.toml:1: counter = 5000000000: expected an integer from 1 to 100",
        "version = 3 | x.toml:1: version = 3: expected one of 1, 2",
        "data-dir = 1 | x.toml:1: data-dir = 1: expected a string",
        "net.max-message = '8XB' | x.toml:1: net.max-message = \"8XB\": expected a size such as"
            + " \"8MB\" from 1KB to 1GB",
        "net.keep-alive = '2h' | x.toml:1: net.keep-alive = \"2h\": expected a duration such as"
            + " \"10s\", at most 1h",
        "net.keep-alive = 10 | x.toml:1: net.keep-alive = 10: expected a duration such as \"10s\","
            + " at most 1h",
        "net.limits.threads = 0 | x.toml:1: net.limits.threads = 0: expected an integer, at least"
            + " 1",
        "net.endpoints = ['a', 1] | x.toml:1: net.endpoints = [\"a\", 1]: expected a list of"
            + " strings",
        "net.labels = { zone = 1 } | x.toml:1: net.labels = a table: expected a table of strings",
        "net = 1 | x.toml:1: net = 1: a section is expected, [net]",
        "conter = 1 | x.toml:1: conter = 1: unknown; did you mean counter?",
        "net.compresion = 'gzip' | x.toml:1: net.compresion = \"gzip\": unknown; did you mean"
            + " net.compression?",
        "nonsense = true | x.toml:1: nonsense = true: unknown",
        "[nett] | x.toml:1: unknown section [nett]; did you mean [net]?",
        "counter-mode = 'x' | x.toml:1: counter-mode was removed: counter counts always",
        "net.old-threads = 'x' | x.toml:1: net.old-threads = \"x\": expected an integer",
        "net.extra.depth = 'x' | x.toml:1: net.extra.depth = \"x\": expected a size such as"
            + " \"8MB\"",
        "net.extra.width = 1 | x.toml:1: net.extra.width = 1: unknown; did you mean"
            + " net.extra.depth?",
        "net.limits.low = 11 | x.toml:1: [net.limits]: low = 11 must not be above high = 10"
      })
  void refusesWithPlaceKeyValueAndWhatIsAllowed(String toml, String message) {
    assertThatThrownBy(() -> mapper.parse("x.toml", toml))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  @Test
  void reportsAllProblemsWithTheirLines() {
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class,
            () -> mapper.parse("x.toml", "counter = 0\n\n[net]\nkeep-alive = 'soon'\nx = 1\n"));
    assertThat(refused.problems())
        .containsExactly(
            "x.toml:4: net.keep-alive = \"soon\": expected a duration such as \"10s\", at most 1h",
            "x.toml:5: net.x = 1: unknown",
            "x.toml:1: counter = 0: expected an integer from 1 to 100");
    assertThat(refused.code()).isEqualTo(ErrorCodes.SERVER_CONFIG);
  }

  @Test
  void refusesWhatIsNotToml(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("x.toml"), "counter = 1\ncounter =\n");
    assertThatThrownBy(() -> mapper.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":2: ");
    assertThatThrownBy(() -> mapper.read(dir.resolve("missing.toml")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(dir.resolve("missing.toml") + ": no such file");
    Path binary = Files.write(dir.resolve("binary"), new byte[] {(byte) 0xc3, 0x28});
    assertThatThrownBy(() -> mapper.read(binary)).hasMessage(binary + ": not a text in UTF-8");
  }

  @Test
  void theSampleFileHoldsTheDefaults() {
    String sample = mapper.sample();
    assertThat(sample)
        .startsWith("\n## Where data lives.\n## A string.\n# data-dir = \"./\"\n")
        .contains("\n[net]\n")
        .contains(
            "## The largest message.\n## A size such as \"8MB\" from 1KB to 1GB."
                + " May change while running.\n# max-message = \"10MiB\"\n")
        .contains("## Derived from the machine when not set.\n# threads = 4\n")
        .doesNotContain("secret");
    String active = sample.replaceAll("(?m)^# ", "").replace("threads = 4", "");
    assertThat(mapper.parse("sample", active)).isEqualTo(SampleConfig.defaults());
    assertThat(mapper.parse("sample", sample)).isEqualTo(SampleConfig.defaults());
  }

  @Test
  void changesOnlineItemsOnly() {
    SampleConfig changed =
        mapper.change(SampleConfig.defaults(), Map.of("counter", "8", "net.max-message", "2MB"));
    assertThat(changed.counter()).isEqualTo(8);
    assertThat(changed.net().maxMessage()).isEqualTo(ReadableSize.mib(2));
    assertThat(mapper.differences(SampleConfig.defaults(), changed))
        .containsExactlyInAnyOrder("counter", "net.max-message");

    assertRefused(Map.of("counter", "8", "version", "2"), "version cannot change while running");
    assertRefused(Map.of("counter", "x"), "counter = \"x\": expected an integer from 1 to 100");
    assertRefused(Map.of("countr", "1"), "unknown item countr; did you mean counter?");
    assertRefused(Map.of("net.limits.high", "1"), "low = 5 must not be above high = 1");
  }

  private void assertRefused(Map<String, String> items, String message) {
    assertThatThrownBy(() -> mapper.change(SampleConfig.defaults(), items))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  @Test
  void theCommandLineSetsWhatIsFixedAtStartToo() {
    SampleConfig config =
        mapper.with(SampleConfig.defaults(), Map.of("version", "2", "net.endpoints", "a:1, b:2"));
    assertThat(config.version()).isEqualTo(2);
    assertThat(config.net().endpoints()).containsExactly("a:1", "b:2");
  }

  @Test
  void theTreeHasTheKeysOfTheFile() {
    Map<String, Object> tree = mapper.tree(SampleConfig.defaults());
    assertThat(tree.keySet()).containsExactly("data-dir", "net", "counter", "version");
    assertThat(tree.get("net"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("max-message", "10MiB")
        .containsEntry("keep-alive", "10s")
        .containsEntry("endpoints", List.of("127.0.0.1:2379"));
  }
}
