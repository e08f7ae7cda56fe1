package io.rutile.engine.raftlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.RaftLogBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files, purge and failures of the segment log. */
class SegmentRaftLogTest {
  private static final RaftLogConfig TINY = new RaftLogConfig(4096, 16 << 10, 2);

  @TempDir Path temporary;

  @Test
  void deadSegmentsAreRecycledAndIdleGroupsPinNothing() throws IOException {
    Path directory = temporary.resolve("log");
    try (SegmentRaftLog log = open(directory)) {
      append(log, 2, 5, 100);
      RaftLogBatch state = log.newBatch();
      state.putState(2, new byte[] {1, 2, 3});
      log.write(state, true);
      for (int index = 1; index <= 60; index++) {
        append(log, 1, index, 900);
      }
      compact(log, 1, 61);
      assertThat(files(directory, "*.raftlog")).hasSizeGreaterThan(10);
      log.purge(group -> assertThat(group).isNull());
      assertThat(files(directory, "*.raftlog").size()).isLessThanOrEqualTo(2);
      assertThat(files(directory, "*.recycled")).hasSize(2);
      assertThat(log.usedBytes()).isLessThan(2 * 4096);
      for (int index = 61; index <= 70; index++) {
        append(log, 1, index, 900);
      }
      assertThat(files(directory, "*.recycled")).isEmpty();
    }
    try (SegmentRaftLog log = open(directory)) {
      assertThat(log.entry(2, 5)).isEqualTo(entry(2, 5, 100));
      assertThat(log.state(2)).containsExactly(1, 2, 3);
      assertThat(log.firstIndex(1)).isEqualTo(61);
      assertThat(log.entry(1, 70)).isEqualTo(entry(1, 70, 900));
    }
  }

  @Test
  void groupThatPinsSegmentsIsNamedAboveTheThreshold() {
    try (SegmentRaftLog log = open(temporary.resolve("log"))) {
      for (int index = 1; index <= 10; index++) {
        append(log, 7, index, 900);
      }
      log.purge(group -> assertThat(group).isNull());
      for (int index = 11; index <= 20; index++) {
        append(log, 7, index, 900);
      }
      List<Long> laggards = new ArrayList<>();
      log.purge(laggards::add);
      assertThat(laggards).containsExactly(7L);
      compact(log, 7, 20);
      laggards.clear();
      log.purge(laggards::add);
      assertThat(laggards).isEmpty();
      assertThat(log.entry(7, 20)).isEqualTo(entry(7, 20, 900));
    }
  }

  @Test
  void directoryHasOneOwner() {
    Path directory = temporary.resolve("log");
    try (SegmentRaftLog log = open(directory)) {
      assertThat(log.usedBytes()).isPositive();
      assertThatThrownBy(() -> open(directory))
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.LOCKED))
          .hasMessageContaining(directory.toString());
    }
    open(directory).close();
  }

  @Test
  void missingSegmentIsNamed() throws IOException {
    Path directory = temporary.resolve("log");
    try (SegmentRaftLog log = open(directory)) {
      for (int index = 1; index <= 20; index++) {
        append(log, 1, index, 900);
      }
    }
    List<Path> segments = files(directory, "*.raftlog");
    for (int missing : new int[] {0, 2}) {
      Path file = segments.get(missing);
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      assertThatThrownBy(() -> open(directory))
          .isInstanceOf(CorruptionException.class)
          .hasMessageContaining(file.getFileName().toString());
      Files.write(file, content);
    }
    open(directory).close();
  }

  @Test
  void damagedFrameBeforeAnAcknowledgedOneIsRefused() throws IOException {
    Path directory = temporary.resolve("log");
    Path file;
    try (SegmentRaftLog log = open(directory)) {
      for (int index = 1; index <= 3; index++) {
        append(log, 1, index, 100);
      }
      file = log.activeSegment().path;
    }
    byte[] content = Files.readAllBytes(file);
    content[Segment.HEADER_BYTES + 60] ^= 1;
    Files.write(file, content);
    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(CorruptionException.class)
        .hasMessageContaining(file + " at offset " + Segment.HEADER_BYTES);
  }

  @Test
  void otherVersionIsRefused() throws IOException {
    Path directory = temporary.resolve("log");
    open(directory).close();
    Path file = files(directory, "*.raftlog").getFirst();
    byte[] content = Files.readAllBytes(file);
    ByteBuffer header = new Segment.Header(1, 1, 1).encode();
    header.get(content, 0, Segment.HEADER_BYTES);
    content[11] = 9;
    CRC32C crc = new CRC32C();
    crc.update(content, 0, 12);
    crc.update(content, 16, Segment.HEADER_BYTES - 16);
    ByteBuffer.wrap(content).putInt(12, (int) crc.getValue());
    Files.write(file, content);
    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("version 9");
  }

  @Test
  void failedWriteClosesTheLogForGood() throws IOException {
    SegmentRaftLog log = open(temporary.resolve("log"));
    append(log, 1, 1, 10);
    log.activeSegment().file().close();
    RaftLogBatch batch = log.newBatch();
    batch.append(1, 2, List.of(new byte[10]));
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> log.write(batch, true)).isInstanceOf(EngineException.class);
    }
    assertThatThrownBy(() -> log.lastIndex(1))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("until a restart");
    log.close();
    try (SegmentRaftLog reopened = open(temporary.resolve("log"))) {
      assertThat(reopened.lastIndex(1)).isEqualTo(1);
    }
  }

  @Test
  void interruptOfOneUserHurtsNobody() {
    try (SegmentRaftLog log = open(temporary.resolve("log"))) {
      append(log, 1, 1, 500);
      Thread.currentThread().interrupt();
      assertThat(log.entry(1, 1)).isEqualTo(entry(1, 1, 500));
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      append(log, 1, 2, 500);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(log.entry(1, 2)).isEqualTo(entry(1, 2, 500));
    }
  }

  @Test
  void readersSeeWholeEntriesWhileSegmentsAreRecycled() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (SegmentRaftLog log = open(temporary.resolve("log"))) {
      append(log, 2, 1, 700);
      Thread reader =
          new Thread(() -> {
            try {
              while (!Thread.currentThread().isInterrupted()) {
                assertThat(log.entry(2, 1)).isEqualTo(entry(2, 1, 700));
                long last = log.lastIndex(1);
                byte[] read = log.entry(1, last);
                assertThat(read == null || Arrays.equals(read, entry(1, last, 900))).isTrue();
              }
            } catch (Throwable e) {
              failure.set(e);
            }
          });
      reader.start();
      for (int index = 1; index <= 200; index++) {
        append(log, 1, index, 900);
        if (index % 8 == 0) {
          compact(log, 1, index);
          log.purge(group -> {});
        }
      }
      reader.interrupt();
      reader.join();
    }
    assertThat(failure.get()).isNull();
  }

  @Test
  void batchLargerThanASegmentGetsItsOwn() {
    Path directory = temporary.resolve("log");
    try (SegmentRaftLog log = open(directory)) {
      append(log, 1, 1, 100);
      append(log, 1, 2, 1 << 20);
      append(log, 1, 3, 100);
    }
    try (SegmentRaftLog log = open(directory)) {
      assertThat(log.entry(1, 2)).isEqualTo(entry(1, 2, 1 << 20));
      assertThat(log.lastIndex(1)).isEqualTo(3);
    }
  }

  private static SegmentRaftLog open(Path directory) {
    return SegmentRaftLog.open(directory, TINY);
  }

  private static void append(SegmentRaftLog log, long group, long index, int size) {
    RaftLogBatch batch = log.newBatch();
    batch.append(group, index, List.of(entry(group, index, size)));
    log.write(batch, true);
  }

  private static void compact(SegmentRaftLog log, long group, long firstKept) {
    RaftLogBatch batch = log.newBatch();
    batch.compact(group, firstKept);
    log.write(batch, true);
  }

  private static byte[] entry(long group, long index, int size) {
    byte[] entry = new byte[size];
    for (int i = 0; i < size; i++) {
      entry[i] = (byte) (group * 31 + index * 7 + i);
    }
    return entry;
  }

  private static List<Path> files(Path directory, String glob) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
      files.forEach(found::add);
    }
    found.sort(null);
    return found;
  }
}
