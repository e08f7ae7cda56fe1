package io.rutile.base.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.config.ConfigException;
import io.rutile.base.thread.Fatal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LoggingTest {
  private static final String TIME =
      "\\[\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} [+-]\\d\\d:\\d\\d\\]";

  private final Logger log = LoggerFactory.getLogger("io.rutile.test");

  @TempDir Path dir;

  @AfterEach
  void stop() {
    Logging.start(LogConfig.defaults());
  }

  @Test
  void writesTheUnifiedLogFormat() throws Exception {
    Path file = start("info", "text");
    log.info("welcome");
    log.atWarn().addKeyValue("region_id", 2).addKeyValue("a key", "x=[y]").log("to \"the\" store");
    log.debug("unseen");

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .matches(TIME + " \\[INFO\\] \\[LoggingTest\\.java:\\d+\\] \\[welcome\\] \\[thread=.*\\]");
    assertThat(lines.get(1))
        .matches(TIME + " \\[WARN\\] \\[LoggingTest\\.java:\\d+\\] .*")
        .contains("[\"to \\\"the\\\" store\"] [region_id=2] [\"a key\"=\"x=[y]\"] [thread=");
  }

  @Test
  void anEventIsOneLineWhateverItCarries() throws Exception {
    Path file = start("info", "text");
    log.error(Fatal.FATAL, "line\nbreak", new IllegalStateException("broken\r\n\u0001"));

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst())
        .contains("[FATAL]")
        .contains("[\"line\\nbreak\"]")
        .contains("[error=\"java.lang.IllegalStateException: broken")
        .contains("\\r\\n\\u0001")
        .contains("LoggingTest.anEventIsOneLineWhateverItCarries");
  }

  @Test
  void writesJson() throws Exception {
    Path file = start("info", "json");
    log.atInfo().addKeyValue("region_id", 2).log("a \"message\"");

    JsonNode event = JsonMapper.shared().readTree(Files.readString(file));
    assertThat(event.propertyNames())
        .containsExactly("time", "level", "caller", "message", "region_id", "thread");
    assertThat(event.get("message").stringValue()).isEqualTo("a \"message\"");
    assertThat(event.get("caller").stringValue()).startsWith("LoggingTest.java:");
  }

  @Test
  void theLevelChangesWhileRunning() throws Exception {
    Path file = start("info", "text");
    Logger grpc = LoggerFactory.getLogger("io.grpc.Test");
    Logging.setLevel("debug");
    log.debug("seen");
    grpc.debug("a-library-is-quiet");
    Logging.setLevel("fatal");
    log.error("unseen");
    log.error(Fatal.FATAL, "last");
    Logging.setLevel("WARN");
    log.info("unseen");
    grpc.warn("heard");

    assertThat(Files.readString(file))
        .contains("[DEBUG]", "[seen]", "[FATAL]", "[last]", "[heard]")
        .doesNotContain("unseen", "a-library-is-quiet");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logging.setLevel("loud"))
        .withMessageContaining("\"loud\" is not a level");
  }

  @Test
  void beginsANewFileWhenOneIsFullAndKeepsAFew() throws Exception {
    Path file = dir.resolve("tikv.log");
    Files.writeString(dir.resolve("tikv-notes.log"), "somebody else's");
    Logging.start(
        new LogConfig("info", "text", true, new LogConfig.LogFile(file.toString(), 1, 0, 2)));
    String filler = "x".repeat(64 << 10);
    for (int i = 0; i < 17 * 4; i++) {
      log.info(filler);
    }

    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .contains("tikv.log", "tikv-notes.log")
          .filteredOn(name -> name.matches("tikv-\\d{4}-\\d\\d-\\d\\dT[\\d.-]+\\.log"))
          .hasSize(2);
    }
    assertThat(Files.size(file)).isLessThan(1 << 20);
  }

  @Test
  void refusesAFileThatCannotBeWritten() {
    LogConfig config = LogConfig.defaults().withFile(dir.toString());
    assertThatThrownBy(() -> Logging.start(config))
        .isInstanceOf(ConfigException.class)
        .hasMessage("log.file.filename = \"" + dir + "\": not a writable file");
  }

  @Test
  void redactsKeys() {
    byte[] key = {0x7a, (byte) 0xff};
    assertThat(Redaction.key(key)).isEqualTo("7AFF");
    try {
      Redaction.set(Redaction.Mode.of("true"));
      assertThat(Redaction.key(key)).isEqualTo("?");
      Redaction.set(Redaction.Mode.of("marker"));
      assertThat(Redaction.key(key)).isEqualTo("‹7AFF›");
    } finally {
      Redaction.set(Redaction.Mode.OFF);
    }
  }

  private Path start(String level, String format) {
    Path file = dir.resolve("rutile.log");
    Logging.start(
        new LogConfig(level, format, true, new LogConfig.LogFile(file.toString(), 1, 0, 0)));
    return file;
  }
}
