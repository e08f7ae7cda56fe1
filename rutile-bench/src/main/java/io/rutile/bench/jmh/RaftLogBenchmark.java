package io.rutile.bench.jmh;

import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.engine.memory.MemoryRaftLog;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One durable append of a batch of groups, against a write and fdatasync of as many bytes into a
 * file whose blocks exist: the speed of the device.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class RaftLogBenchmark {
  private static final int ENTRY_BYTES = 256;
  private static final int KEPT_ENTRIES = 1000;
  private static final long YARDSTICK_BYTES = 64L << 20;
  private static final int PURGE_INTERVAL = 1 << 10;

  /** Groups that have one entry in each batch. */
  @Param({"1", "64"})
  public int groups;

  private final List<byte[]> entry = new ArrayList<>(List.of(new byte[ENTRY_BYTES]));
  private Path directory = Path.of(".");
  private RaftLog log = new MemoryRaftLog();
  private RaftLogBatch batch = log.newBatch();
  private @Nullable FileChannel yardstick;
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private long position;
  private long index;

  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Directories.create();
    log = SegmentRaftLog.open(directory.resolve("log"), RaftLogConfig.small());
    batch = log.newBatch();
    bytes = ByteBuffer.allocateDirect(groups * (ENTRY_BYTES + 40) + 32);
    FileChannel file =
        FileChannel.open(
            directory.resolve("yardstick"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
    for (long at = 0; at < YARDSTICK_BYTES; at += zeros.capacity()) {
      file.write(zeros.clear(), at);
    }
    file.force(true);
    yardstick = file;
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    log.close();
    Objects.requireNonNull(yardstick).close();
    Directories.delete(directory);
  }

  @Benchmark
  public void yardstickWriteAndSync() throws IOException {
    FileChannel file = Objects.requireNonNull(yardstick);
    file.write(bytes.clear(), position);
    file.force(false);
    position = (position + bytes.capacity()) % (YARDSTICK_BYTES - bytes.capacity());
  }

  @Benchmark
  public void appendAndSync() {
    index++;
    for (int group = 1; group <= groups; group++) {
      batch.append(group, index, entry);
      if (index % KEPT_ENTRIES == 0) {
        batch.compact(group, index);
      }
    }
    log.write(batch, true);
    if (index % PURGE_INTERVAL == 0) {
      log.purge(group -> {});
    }
  }

  @Benchmark
  public void appendWithoutSync() {
    index++;
    for (int group = 1; group <= groups; group++) {
      batch.append(group, index, entry);
      if (index % KEPT_ENTRIES == 0) {
        batch.compact(group, index);
      }
    }
    log.write(batch, false);
    if (index % PURGE_INTERVAL == 0) {
      log.purge(group -> {});
    }
  }
}
