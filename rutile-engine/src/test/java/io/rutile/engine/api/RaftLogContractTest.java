package io.rutile.engine.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.memory.MemoryRaftLog;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What every Raft log promises. */
@ParameterizedClass
@ValueSource(strings = {"segments", "memory"})
class RaftLogContractTest {
  @Parameter String kind;
  @TempDir Path directory;
  private RaftLog opened;

  private RaftLog log() {
    if (opened == null) {
      opened =
          kind.equals("memory")
              ? new MemoryRaftLog()
              : SegmentRaftLog.open(directory.resolve("raft"), RaftLogConfig.small());
    }
    return opened;
  }

  @AfterEach
  void close() {
    log().close();
  }

  @Test
  void unknownGroupIsEmpty() {
    assertThat(log().firstIndex(9)).isEqualTo(1);
    assertThat(log().lastIndex(9)).isZero();
    assertThat(log().state(9)).isNull();
    assertThat(log().entry(9, 1)).isNull();
    assertThatThrownBy(() -> log().entries(9, 1, 2, 100)).isInstanceOf(CorruptionException.class);
  }

  @Test
  void oneBatchHoldsManyGroups() {
    write(batch -> {
      batch.append(1, 6, entries("a", "b", "c"));
      batch.putState(1, bytes("s1"));
      batch.append(2, 100, entries("x"));
      batch.putState(3, bytes("s3"));
    });
    assertThat(log().firstIndex(1)).isEqualTo(6);
    assertThat(log().lastIndex(1)).isEqualTo(8);
    assertThat(log().entry(1, 7)).isEqualTo(bytes("b"));
    assertThat(log().entry(2, 100)).isEqualTo(bytes("x"));
    assertThat(log().state(1)).isEqualTo(bytes("s1"));
    assertThat(log().state(2)).isNull();
    List<Long> groups = new ArrayList<>();
    log().forEachGroup(groups::add);
    assertThat(groups).containsExactly(1L, 2L, 3L);
  }

  @Test
  void appendReplacesTheTail() {
    write(batch -> batch.append(1, 1, entries("a", "b", "c", "d")));
    write(batch -> batch.append(1, 2, entries("B")));
    assertThat(log().lastIndex(1)).isEqualTo(2);
    assertThat(read(1, 1, 3)).containsExactly("a", "B");
    assertThat(log().entry(1, 3)).isNull();
  }

  @Test
  void entriesAreLimitedByBytesButNeverNone() {
    write(batch -> batch.append(1, 1, entries("aaaa", "bbbb", "cccc")));
    assertThat(log().entries(1, 1, 4, 0)).hasSize(1);
    assertThat(log().entries(1, 1, 4, 8)).hasSize(2);
    assertThat(log().entries(1, 1, 4, 11)).hasSize(2);
    assertThat(log().entries(1, 1, 4, 12)).hasSize(3);
    assertThat(log().entries(1, 2, 3, 100)).hasSize(1);
    assertThatThrownBy(() -> log().entries(1, 2, 5, 100)).isInstanceOf(CorruptionException.class);
  }

  @Test
  void compactionResetAndRemoval() {
    write(batch -> batch.append(1, 1, entries("a", "b", "c")));
    write(batch -> batch.compact(1, 3));
    assertThat(log().firstIndex(1)).isEqualTo(3);
    assertThat(log().entry(1, 2)).isNull();
    write(batch -> batch.compact(1, 2));
    write(batch -> batch.compact(1, 4));
    assertThat(log().firstIndex(1)).isEqualTo(4);
    assertThat(log().lastIndex(1)).isEqualTo(3);
    write(batch -> batch.append(1, 4, entries("d")));
    assertThat(read(1, 4, 5)).containsExactly("d");
    write(batch -> batch.reset(1, 50));
    assertThat(log().firstIndex(1)).isEqualTo(50);
    assertThat(log().lastIndex(1)).isEqualTo(49);
    write(batch -> batch.append(1, 50, entries("z")));
    write(batch -> {
      batch.remove(1);
      batch.append(1, 7, entries("again"));
    });
    assertThat(read(1, 7, 8)).containsExactly("again");
  }

  @Test
  void whatWouldBreakTheRangeIsRefusedWhole() {
    write(batch -> batch.append(1, 10, entries("a", "b")));
    refused(batch -> batch.append(1, 13, entries("gap")));
    refused(batch -> batch.append(1, 9, entries("below")));
    refused(batch -> batch.compact(1, 13));
    refused(batch -> batch.append(2, 0, entries("zero")));
    refused(batch -> {
      batch.append(1, 12, entries("fine"));
      batch.append(3, 1, entries("fine too"));
      batch.compact(1, 14);
    });
    assertThat(read(1, 10, 12)).containsExactly("a", "b");
    assertThat(log().lastIndex(1)).isEqualTo(11);
    assertThat(log().lastIndex(3)).isZero();
  }

  @Test
  void batchIsReusable() {
    RaftLogBatch batch = log().newBatch();
    batch.append(1, 1, entries("a"));
    assertThat(batch.isEmpty()).isFalse();
    batch.clear();
    assertThat(batch.isEmpty()).isTrue();
    log().write(batch, true);
    batch.append(1, 1, entries("b"));
    log().write(batch, true);
    assertThat(batch.isEmpty()).isTrue();
    assertThat(read(1, 1, 2)).containsExactly("b");
  }

  @Test
  void useAfterCloseIsTyped() {
    RaftLog log = log();
    write(batch -> batch.append(1, 1, entries("a")));
    log.close();
    log.close();
    assertThatThrownBy(() -> log.lastIndex(1)).isInstanceOf(EngineException.class);
    assertThatThrownBy(() -> log.entry(1, 1)).isInstanceOf(EngineException.class);
    assertThatThrownBy(() -> log.write(log.newBatch(), true)).isInstanceOf(EngineException.class);
  }

  private void write(Consumer<RaftLogBatch> changes) {
    RaftLogBatch batch = log().newBatch();
    changes.accept(batch);
    log().write(batch, true);
  }

  private void refused(Consumer<RaftLogBatch> changes) {
    RaftLogBatch batch = log().newBatch();
    changes.accept(batch);
    assertThatThrownBy(() -> log().write(batch, true))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_ARGUMENT));
  }

  private List<String> read(long group, long low, long high) {
    return log().entries(group, low, high, Long.MAX_VALUE).stream()
        .map(entry -> new String(entry, UTF_8))
        .toList();
  }

  private static List<byte[]> entries(String... texts) {
    List<byte[]> entries = new ArrayList<>();
    for (String text : texts) {
      entries.add(bytes(text));
    }
    return entries;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
