package io.rutile.engine.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, played on a small file system in memory; needs the right to mount one. */
@Tag("night")
class DiskFullTest {
  private static final int DISK_BYTES = 48 << 20;
  private static final int BALLAST_BYTES = 16 << 20;
  private static final int VALUE_BYTES = 16 << 10;
  private static final long RESUME_SECONDS_MAX = 60;

  @TempDir Path temporary;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    disk = Files.createDirectory(temporary.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "none", disk.toString());
    assumeTrue(mounted, "no right to mount a file system");
    Files.write(disk.resolve("ballast"), new byte[BALLAST_BYTES]);
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  @Test
  void engineRefusesWritesServesReadsAndResumes() throws Exception {
    RocksConfig config = RocksConfig.small();
    int acknowledged = 0;
    try (KvEngine engine = RocksKvEngine.open(disk.resolve("db"), config)) {
      EngineException full = null;
      while (full == null && acknowledged < DISK_BYTES / VALUE_BYTES * 2) {
        try {
          put(engine, acknowledged);
          acknowledged++;
        } catch (EngineException e) {
          full = e;
        }
      }
      assertThat(full).isNotNull();
      assertThat(full.kind()).isEqualTo(EngineException.Kind.NO_SPACE);
      for (int i = 0; i < acknowledged; i++) {
        assertThat(engine.get(Cf.DEFAULT, key(i))).isEqualTo(value(i));
      }
      Files.delete(disk.resolve("ballast"));
      acknowledged = putUntilAccepted(engine, acknowledged);
    }
    try (KvEngine engine = RocksKvEngine.open(disk.resolve("db"), config)) {
      for (int i = 0; i < acknowledged; i++) {
        assertThat(engine.get(Cf.DEFAULT, key(i))).isEqualTo(value(i));
      }
    }
  }

  @Test
  void raftLogRefusesBatchesServesReadsAndGoesOn() throws IOException {
    RaftLogConfig config = new RaftLogConfig(4 << 20, 1 << 30, 0);
    long last = 0;
    try (RaftLog log = SegmentRaftLog.open(disk.resolve("log"), config)) {
      EngineException full = null;
      while (full == null) {
        try {
          append(log, last + 1);
          last++;
        } catch (EngineException e) {
          full = e;
        }
      }
      assertThat(full.kind()).isEqualTo(EngineException.Kind.NO_SPACE);
      assertThat(log.lastIndex(1)).isEqualTo(last);
      long next = last + 1;
      assertThatThrownBy(() -> append(log, next)).isInstanceOf(EngineException.class);
      for (long index = 1; index <= last; index++) {
        assertThat(log.entry(1, index)).isEqualTo(value((int) index));
      }
      Files.delete(disk.resolve("ballast"));
      append(log, ++last);
    }
    try (RaftLog log = SegmentRaftLog.open(disk.resolve("log"), config)) {
      assertThat(log.lastIndex(1)).isEqualTo(last);
      for (long index = 1; index <= last; index++) {
        assertThat(log.entry(1, index)).isEqualTo(value((int) index));
      }
    }
  }

  private static int putUntilAccepted(KvEngine engine, int acknowledged)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RESUME_SECONDS_MAX);
    while (true) {
      try {
        put(engine, acknowledged);
        return acknowledged + 1;
      } catch (EngineException e) {
        assertThat(e.kind()).isEqualTo(EngineException.Kind.NO_SPACE);
        assertThat(System.nanoTime()).as("still refused: %s", e).isLessThan(deadline);
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private static void put(KvEngine engine, int i) {
    WriteBatch batch = engine.newWriteBatch();
    batch.put(Cf.DEFAULT, key(i), value(i));
    engine.write(batch, true);
  }

  private static void append(RaftLog log, long index) {
    RaftLogBatch batch = log.newBatch();
    batch.append(1, index, List.of(value((int) index)));
    log.write(batch, true);
  }

  private static byte[] key(int i) {
    return ByteBuffer.allocate(4).putInt(i).array();
  }

  private static byte[] value(int i) {
    byte[] value = new byte[VALUE_BYTES];
    new SplittableRandom(i).nextBytes(value);
    return value;
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }
}
