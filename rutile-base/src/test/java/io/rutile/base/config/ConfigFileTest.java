package io.rutile.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @Test
  void replacesAValueAndKeepsTheRest() {
    String text = "# mine\ncounter = 7 # lucky\n\n[net]\nmax-message = \"1MB\"\nother = 1\n";
    assertThat(ConfigFile.set(text, "counter", "8"))
        .isEqualTo("# mine\ncounter = 8 # lucky\n\n[net]\nmax-message = \"1MB\"\nother = 1\n");
    assertThat(ConfigFile.set(text, "net.max-message", "\"2MB\""))
        .isEqualTo(text.replace("\"1MB\"", "\"2MB\""));
  }

  @Test
  void replacesDottedKeys() {
    assertThat(ConfigFile.set("net.max-message = '1MB'\n", "net.max-message", "\"2MB\""))
        .isEqualTo("net.max-message = \"2MB\"\n");
  }

  @Test
  void insertsWhereTheItemBelongs() {
    String text = "[net]\nother = 1\n[net.limits]\nlow = 1\n";
    assertThat(ConfigFile.set(text, "net.max-message", "\"2MB\""))
        .isEqualTo("[net]\nmax-message = \"2MB\"\nother = 1\n[net.limits]\nlow = 1\n");
    assertThat(ConfigFile.set(text, "counter", "8")).isEqualTo("counter = 8\n" + text);
    assertThat(ConfigFile.set(text, "log.level", "\"warn\""))
        .isEqualTo(text + "\n[log]\nlevel = \"warn\"\n");
    assertThat(ConfigFile.set("", "log.level", "\"warn\"")).isEqualTo("[log]\nlevel = \"warn\"\n");
  }

  @Test
  void refusesWhatItCannotChangeInPlace() {
    assertThatThrownBy(() -> ConfigFile.set("net = { a = 1 }\n", "net.a", "2"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("line 1: net.a stands in an inline table");
  }

  @Test
  void writesTheFile(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("x.toml");
    ConfigFile.set(file, Map.of("counter", "8"));
    ConfigFile.set(file, Map.of("counter", "9"));
    assertThat(Files.readString(file)).isEqualTo("counter = 9\n");
    assertThat(dir).isDirectoryContaining(p -> p.endsWith("x.toml"));
    assertThat(Files.list(dir)).hasSize(1);
  }
}
