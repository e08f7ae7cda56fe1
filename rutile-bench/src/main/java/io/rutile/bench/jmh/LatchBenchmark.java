package io.rutile.bench.jmh;

import io.rutile.txn.latch.LatchHold;
import io.rutile.txn.latch.Latches;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Latches that nobody else wants, against a lock of the JDK. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class LatchBenchmark {
  private static final int SLOTS = 524_288;
  private static final int COMMANDS = 1024;
  private static final Runnable NEVER =
      () -> {
        throw new IllegalStateException("nobody else holds a latch");
      };

  /** Keys of one command. */
  @Param({"1", "3"})
  public int keys;

  private final Latches latches = new Latches(SLOTS);
  private final ReentrantLock lock = new ReentrantLock();
  private List<List<byte[]>> commands = List.of();
  private int turn;

  @Setup
  public void prepare() {
    commands =
        IntStream.range(0, COMMANDS)
            .mapToObj(command ->
                IntStream.range(0, keys)
                    .mapToObj(key -> ByteBuffer.allocate(24).putInt(command).putInt(key).array())
                    .toList())
            .toList();
  }

  @Benchmark
  public void yardstickLock() {
    lock.lock();
    lock.unlock();
  }

  @Benchmark
  public void acquireAndRelease() {
    LatchHold hold = latches.prepare(commands.get(turn++ & COMMANDS - 1), NEVER);
    if (!latches.acquire(hold)) {
      throw new IllegalStateException("a latch was not free");
    }
    latches.release(hold);
  }
}
