package io.rutile.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.config.ConfigException;
import io.rutile.base.log.Redaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveConfigTest {
  private static final Machine MACHINE = new Machine(2, 8L << 30, 2L << 30);

  private final List<String> logLevels = new ArrayList<>();

  @TempDir Path dir;

  @AfterEach
  void openAgain() {
    Redaction.set(Redaction.Mode.OFF);
  }

  @Test
  void itemsOfTransactionsAndGarbageCollectionChangeWhileRunning() {
    LiveConfig live =
        new LiveConfig(TikvConfig.load(null, Map.of(), Machine.here()), null, l -> {});
    List<TikvConfig> seen = new ArrayList<>();
    live.onChange(seen::add);
    live.change(
        Map.of(
            "gc.max-write-bytes-per-sec", "1MB",
            "resolved-ts.advance-ts-interval", "1s",
            "pessimistic-txn.wait-for-lock-timeout", "7s",
            "storage.flow-control.l0-files-threshold", "30",
            "storage.scheduler-pending-write-threshold", "5MB"),
        false);
    TikvConfig changed = seen.getLast();
    assertThat(changed.gcSettings().maxWriteBytesPerSecond()).isEqualTo(1 << 20);
    assertThat(changed.resolvedTsSettings().advanceInterval()).hasSeconds(1);
    assertThat(changed.storageSettings().locks().waitTimeout()).hasSeconds(7);
    assertThat(changed.flowControlSettings().level0Files()).isEqualTo(30);
    assertThat(changed.storageSettings().writes().pendingWriteThreshold()).isEqualTo(5 << 20);
    String soft = "storage.flow-control.soft-pending-compaction-bytes-limit";
    assertThatThrownBy(() -> live.change(Map.of(soft, "2048GB"), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("soft limit");
  }

  @Test
  void changesTheLogLevelAndWritesItDown() throws Exception {
    Path file = Files.writeString(dir.resolve("tikv.toml"), "# mine\n[log]\nlevel = \"info\"\n");
    LiveConfig live = started(file);
    List<String> levels = new ArrayList<>();
    live.onChange(config -> levels.add(config.log().level()));

    live.change(Map.of("log.level", "debug"), true);

    assertThat(logLevels).containsExactly("debug");
    assertThat(levels).containsExactly("debug");
    assertThat(live.current().log().level()).isEqualTo("debug");
    assertThat(Files.readString(file)).isEqualTo("# mine\n[log]\nlevel = \"debug\"\n");

    live.change(Map.of("log.level", "warn"), false);
    assertThat(live.current().log().level()).isEqualTo("warn");
    assertThat(Files.readString(file)).contains("level = \"debug\"");

    live.reload();
    assertThat(live.current().log().level()).isEqualTo("debug");
  }

  @Test
  void refusesAllWhenOneCannotChange() throws Exception {
    Path file = Files.writeString(dir.resolve("tikv.toml"), "");
    LiveConfig live = started(file);
    assertThatThrownBy(
            () -> live.change(Map.of("log.level", "debug", "storage.data-dir", "/x"), true))
        .isInstanceOf(ConfigException.class)
        .hasMessage("storage.data-dir cannot change while running");
    assertThatThrownBy(() -> live.change(Map.of("log.levle", "debug"), true))
        .hasMessage("unknown item log.levle; did you mean log.level?");
    assertThat(live.current().log().level()).isEqualTo("info");
    assertThat(file).isEmptyFile();
  }

  @Test
  void aFixedItemThatTheFileChangedStaysAsItWas() throws Exception {
    Path file = Files.writeString(dir.resolve("tikv.toml"), "");
    LiveConfig live = started(file);
    Files.writeString(file, "log.level = \"error\"\nstorage.data-dir = \"/elsewhere\"\n");
    live.reload();
    assertThat(live.current().log().level()).isEqualTo("error");
    assertThat(live.current().storage().dataDir()).isEqualTo("./");
    Files.writeString(file, "log.level = 1\n");
    assertThatThrownBy(live::reload).hasMessageStartingWith(file + ":1: log.level = 1: expected");
  }

  @Test
  void redactionChangesAtOnce() throws Exception {
    Path file = Files.writeString(dir.resolve("tikv.toml"), "");
    started(file).change(Map.of("security.redact-info-log", "true"), true);
    assertThat(Redaction.key(new byte[] {1})).isEqualTo("?");
    assertThat(TikvConfig.load(file, Map.of(), MACHINE).security().redactInfoLog())
        .isEqualTo("true");
  }

  @Test
  void showsValuesInTheUnitsOfTheFile() {
    LiveConfig live =
        new LiveConfig(TikvConfig.load(null, Map.of(), MACHINE), null, logLevels::add);
    assertThat(live.tree().toString())
        .contains("raft-entry-max-size=8MiB", "snap-gc-timeout=4h", "max-background-jobs=2");
    assertThatThrownBy(live::reload).hasMessageContaining("without a configuration file");
  }

  private LiveConfig started(Path file) {
    return new LiveConfig(TikvConfig.load(file, Map.of(), MACHINE), file, logLevels::add);
  }
}
