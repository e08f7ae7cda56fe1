package io.rutile.engine.raftlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.RutileException;
import io.rutile.base.testing.Seeds;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.engine.memory.MemoryRaftLog;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;

/**
 * The segment log against the memory log: same random batches, with purges, restarts, power losses
 * and damage to any byte.
 */
class SegmentRaftLogModelTest {
  /** Segments so small that a few batches fill one. */
  private static final RaftLogConfig TINY = new RaftLogConfig(4096, 16 << 10, 2);

  @TempDir Path temporary;

  @Seeds(6)
  void restartFindsWhatWasWritten(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    LogWorkload workload = new LogWorkload(random);
    Path directory = temporary.resolve("log");
    SegmentRaftLog log = SegmentRaftLog.open(directory, TINY);
    MemoryRaftLog model = new MemoryRaftLog();
    for (int step = 0; step < 300; step++) {
      write(workload, log, model, random.nextBoolean());
      if (random.nextInt(10) == 0) {
        purge(log, model);
      }
      if (random.nextInt(30) == 0) {
        log.close();
        log = SegmentRaftLog.open(directory, TINY);
      }
      if (random.nextInt(10) == 0) {
        assertThat(LogWorkload.dump(log)).as("step %s", step).isEqualTo(LogWorkload.dump(model));
      }
    }
    log.close();
  }

  @Seeds(15)
  void powerLossKeepsWhatWasSyncedAndAPrefixOfTheRest(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    LogWorkload workload = new LogWorkload(random);
    Path directory = temporary.resolve("log");
    SegmentRaftLog log = SegmentRaftLog.open(directory, TINY);
    MemoryRaftLog model = new MemoryRaftLog();
    List<Map<Long, String>> possible = new ArrayList<>(List.of(LogWorkload.dump(model)));
    for (int round = 0; round < 6; round++) {
      for (int step = 0; step < 20; step++) {
        boolean sync = random.nextInt(3) == 0;
        Segment before = log.activeSegment();
        write(workload, log, model, sync);
        if (sync) {
          possible.clear();
        } else if (log.activeSegment() != before) {
          possible = new ArrayList<>(List.of(possible.getLast()));
        }
        possible.add(LogWorkload.dump(model));
        if (random.nextInt(15) == 0 && purge(log, model)) {
          possible.clear();
          possible.add(LogWorkload.dump(model));
        }
      }
      Path crashed = temporary.resolve("crash-" + round);
      copy(directory, crashed);
      tear(crashed, log.activeSegment(), log.durablePosition(), random);
      log.close();
      directory = crashed;
      log = SegmentRaftLog.open(directory, TINY);
      Map<Long, String> found = LogWorkload.dump(log);
      assertThat(possible).as("round %s", round).contains(found);
      model = rebuilt(log);
      workload.resumeFrom(log);
      possible.clear();
      possible.add(found);
    }
    log.close();
  }

  @Seeds(15)
  void damagedByteGivesAPrefixOrIsRefused(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    LogWorkload workload = new LogWorkload(random);
    Path directory = temporary.resolve("log");
    SegmentRaftLog log = SegmentRaftLog.open(directory, TINY);
    MemoryRaftLog model = new MemoryRaftLog();
    List<Map<Long, String>> states = new ArrayList<>(List.of(LogWorkload.dump(model)));
    for (int step = 0; step < 60; step++) {
      write(workload, log, model, true);
      states.add(LogWorkload.dump(model));
    }
    long end = log.activeSegment().position();
    Path last = log.activeSegment().path;
    log.close();
    for (int damage = 0; damage < 10; damage++) {
      Path damaged = temporary.resolve("damaged-" + damage);
      copy(directory, damaged);
      damageOne(damaged, last.getFileName().toString(), end, random);
      Map<Long, String> found;
      try (SegmentRaftLog opened = SegmentRaftLog.open(damaged, TINY)) {
        found = LogWorkload.dump(opened);
      } catch (RutileException e) {
        assertThat(e.getMessage()).contains(damaged.toString());
        continue;
      }
      assertThat(found).isIn(states.get(states.size() - 1), states.get(states.size() - 2));
    }
  }

  @Seeds(10)
  void damagedEntryIsNeverRead(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Path directory = temporary.resolve("log");
    try (SegmentRaftLog log = SegmentRaftLog.open(directory, TINY)) {
      RaftLogBatch batch = log.newBatch();
      byte[] entry = new byte[1000];
      random.nextBytes(entry);
      batch.append(7, 1, List.of(entry, entry.clone()));
      log.write(batch, true);
      Path file = log.activeSegment().path;
      byte[] content = Files.readAllBytes(file);
      int frame = Segment.HEADER_BYTES + LogBatch.FRAME_HEADER_BYTES;
      int at = frame + 9 + 12 + random.nextInt(2 * (1000 + LogChange.ENTRY_HEADER_BYTES));
      content[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, content);
      assertThatThrownBy(() -> log.entries(7, 1, 3, Long.MAX_VALUE))
          .isInstanceOf(CorruptionException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("offset");
    }
  }

  private static void write(
      LogWorkload workload, SegmentRaftLog log, MemoryRaftLog model, boolean sync) {
    RaftLogBatch batch = log.newBatch();
    RaftLogBatch modelBatch = model.newBatch();
    workload.fill(batch, modelBatch);
    log.write(batch, sync);
    model.write(modelBatch, sync);
    assertThat(batch.isEmpty()).isTrue();
  }

  /** Purges; whoever is named a laggard stays one, as if its peers were slow. */
  private static boolean purge(SegmentRaftLog log, MemoryRaftLog model) {
    long before = log.activeSegment().position();
    Segment active = log.activeSegment();
    log.purge(group -> assertThat(model.lastIndex(group)).isPositive());
    return log.activeSegment() != active || log.activeSegment().position() != before;
  }

  private static MemoryRaftLog rebuilt(SegmentRaftLog log) {
    MemoryRaftLog model = new MemoryRaftLog();
    RaftLogBatch batch = model.newBatch();
    log.forEachGroup(group -> {
      long first = log.firstIndex(group);
      long last = log.lastIndex(group);
      if (first != 1 || last != 0) {
        batch.reset(group, first);
      }
      batch.append(group, first, log.entries(group, first, last + 1, Long.MAX_VALUE));
      byte[] state = log.state(group);
      if (state != null) {
        batch.putState(group, state);
      }
    });
    model.write(batch, true);
    return model;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
      for (Path file : files) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Loses unsynced sectors of the segment that was written to, or cuts the file. */
  private static void tear(Path directory, Segment active, long durable, SplittableRandom random)
      throws IOException {
    Path file = directory.resolve(active.path.getFileName());
    byte[] content = Files.readAllBytes(file);
    int end = (int) active.position();
    if (random.nextInt(3) == 0) {
      int cut = (int) durable + random.nextInt(end - (int) durable + 1);
      Files.write(file, Arrays.copyOf(content, cut));
      return;
    }
    int sector = 1 << random.nextInt(3, 10);
    for (int at = (int) durable; at < end; at += sector) {
      if (random.nextBoolean()) {
        Arrays.fill(content, at, Math.min(end, at + sector), (byte) 0);
      }
    }
    Files.write(file, content);
  }

  private static void damageOne(
      Path directory, String lastName, long lastEnd, SplittableRandom random) throws IOException {
    List<Path> segments = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.raftlog")) {
      files.forEach(segments::add);
    }
    List<Path> sorted = new ArrayList<>(new TreeSet<>(segments));
    Path file = sorted.get(random.nextInt(sorted.size()));
    byte[] content = Files.readAllBytes(file);
    int end = file.endsWith(lastName) ? (int) lastEnd : content.length;
    int at = random.nextInt(end);
    switch (random.nextInt(3)) {
      case 0 -> content[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> content[at] = (byte) random.nextInt();
      default -> {
        // Cut off what was acknowledged only in the last frame, where it looks like a torn write.
        boolean isLast = file.endsWith(lastName);
        content = Arrays.copyOf(content, isLast ? end - 1 - random.nextInt(8) : at);
      }
    }
    Files.write(file, content);
  }
}
