package io.rutile.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadableUnitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0KiB",
    "512, 512, 512B",
    "1KB, 1024, 1KiB",
    "8MB, 8388608, 8MiB",
    "8 MiB, 8388608, 8MiB",
    "1.5GB, 1610612736, 1536MiB",
    "1025B, 1025, 1025B",
    "5G, 5368709120, 5GiB",
    "2TB, 2199023255552, 2TiB",
    "1PB, 1125899906842624, 1PiB",
    "1024PB, 1152921504606846976, 1024PiB"
  })
  void readsSizes(String text, long bytes, String written) {
    ReadableSize size = ReadableSize.parse(text);
    assertThat(size.bytes()).isEqualTo(bytes);
    assertThat(size).hasToString(written);
    assertThat(ReadableSize.parse(written)).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "MB", "8XB", "-1MB", "8 M B", "99999999999999999999", "9000PB", "1,5MB"})
  void refusesSizes(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReadableSize.parse(text))
        .withMessageContaining("\"" + text + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0s, 0, 0s",
    "250us, 250000, 250us",
    "10ms, 10000000, 10ms",
    "10s, 10000000000, 10s",
    "1.5s, 1500000000, 1s500ms",
    "1h30m, 5400000000000, 1h30m",
    "90m, 5400000000000, 1h30m",
    "7d, 604800000000000, 7d"
  })
  void readsDurations(String text, long nanos, String written) {
    ReadableDuration duration = ReadableDuration.parse(text);
    assertThat(duration.duration()).isEqualTo(Duration.ofNanos(nanos));
    assertThat(duration).hasToString(written);
    assertThat(ReadableDuration.parse(written)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "s", "10x", "30m1h", "1h1h", "-1s", "1h 30m", "999999999d"})
  void refusesDurations(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ReadableDuration.parse(text));
  }
}
