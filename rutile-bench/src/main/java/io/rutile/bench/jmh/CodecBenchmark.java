package io.rutile.bench.jmh;

import io.rutile.base.codec.MemComparable;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

/** Key codecs against a plain copy of the same bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CodecBenchmark {
  /** Length of the user key; 19 is that of a TiDB row key. */
  @Param({"19", "64"})
  public int keyBytes;

  private byte[] plain = new byte[0];
  private byte[] encoded = new byte[0];

  @Setup
  public void prepare() {
    plain = new byte[keyBytes];
    new SplittableRandom(1).nextBytes(plain);
    encoded = MemComparable.encode(plain);
  }

  @Benchmark
  public byte[] yardstickCopy() {
    return plain.clone();
  }

  @Benchmark
  public byte[] encode() {
    return MemComparable.encode(plain);
  }

  @Benchmark
  public byte[] decode() {
    return MemComparable.decode(encoded);
  }
}
