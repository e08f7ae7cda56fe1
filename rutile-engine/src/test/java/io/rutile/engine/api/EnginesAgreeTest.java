package io.rutile.engine.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.testing.Seeds;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;

/** The same random operations on both engines must show the same data at every step. */
class EnginesAgreeTest {
  private static final int STEPS = 400;

  @TempDir Path directory;

  @Seeds(4)
  void rocksAndMemoryAgree(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Path path = directory.resolve("db");
    KvEngine rocks = RocksKvEngine.open(path, RocksConfig.small());
    KvEngine memory = new MemoryKvEngine();
    ArrayDeque<EngineSnapshot> rocksSnapshots = new ArrayDeque<>();
    ArrayDeque<EngineSnapshot> memorySnapshots = new ArrayDeque<>();
    for (int step = 0; step < STEPS; step++) {
      String at = "seed " + seed + " step " + step;
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4, 5, 6, 7 -> write(random, rocks, memory);
        case 8, 9, 10 -> compareGet(at, random, rocks, memory);
        case 11, 12, 13, 14 -> compareWalk(at, random, rocks, memory);
        case 15 -> {
          rocksSnapshots.add(rocks.snapshot());
          memorySnapshots.add(memory.snapshot());
        }
        case 16 -> {
          if (!rocksSnapshots.isEmpty()) {
            compareWalk(at, random, rocksSnapshots.getFirst(), memorySnapshots.getFirst());
            rocksSnapshots.removeFirst().close();
            memorySnapshots.removeFirst().close();
          }
        }
        case 17 -> ingest(random, step, rocks, memory);
        case 18 -> {
          Cf cf = family(random);
          rocks.flush(cf);
          rocks.compactRange(cf, Bytes.EMPTY, Bytes.EMPTY, random.nextBoolean());
        }
        default -> {
          if (random.nextInt(4) == 0) {
            rocks.close();
            rocksSnapshots.clear();
            memorySnapshots.clear();
            rocks = RocksKvEngine.open(path, RocksConfig.small());
          }
        }
      }
    }
    rocks.close();
  }

  private static void write(SplittableRandom random, KvEngine rocks, KvEngine memory) {
    WriteBatch one = rocks.newWriteBatch();
    WriteBatch other = memory.newWriteBatch();
    int operations = 1 + random.nextInt(6);
    for (int i = 0; i < operations; i++) {
      Cf cf = family(random);
      byte[] key = key(random);
      switch (random.nextInt(8)) {
        case 0 -> {
          byte[] end = Bytes.next(Bytes.concat(key, key(random)));
          one.deleteRange(cf, key, end);
          other.deleteRange(cf, key, end);
        }
        case 1, 2 -> {
          one.delete(cf, key);
          other.delete(cf, key);
        }
        default -> {
          byte[] value = new byte[random.nextInt(4) == 0 ? 40_000 : random.nextInt(200)];
          random.nextBytes(value);
          one.put(cf, key, value);
          other.put(cf, key, value);
        }
      }
    }
    rocks.write(one, false);
    memory.write(other, false);
  }

  private void ingest(SplittableRandom random, int step, KvEngine rocks, KvEngine memory) {
    Cf cf = family(random);
    Path one = directory.resolve("rocks-" + step + ".sst");
    Path other = directory.resolve("memory-" + step + ".sst");
    try (SstWriter first = rocks.newSstWriter(cf, one);
        SstWriter second = memory.newSstWriter(cf, other)) {
      for (int i = 0; i < 5; i++) {
        byte[] key = {(byte) (i * 40), (byte) random.nextInt(4)};
        byte[] value = {(byte) step};
        if (random.nextInt(4) == 0) {
          first.delete(key);
          second.delete(key);
        } else {
          first.put(key, value);
          second.put(key, value);
        }
      }
      first.finish();
      second.finish();
    }
    rocks.ingest(cf, List.of(one), true);
    memory.ingest(cf, List.of(other), true);
  }

  private static void compareGet(
      String at, SplittableRandom random, EngineReader rocks, EngineReader memory) {
    Cf cf = family(random);
    byte[] key = key(random);
    assertThat(rocks.get(cf, key)).as(at).isEqualTo(memory.get(cf, key));
  }

  private static void compareWalk(
      String at, SplittableRandom random, EngineReader rocks, EngineReader memory) {
    Cf cf = family(random);
    byte[] lower = random.nextInt(3) == 0 ? Bytes.EMPTY : key(random);
    byte[] upper = random.nextInt(3) == 0 ? Bytes.EMPTY : key(random);
    try (EngineIterator one = rocks.iterator(cf, lower, upper, ReadOptions.DEFAULT);
        EngineIterator other = memory.iterator(cf, lower, upper, ReadOptions.DEFAULT)) {
      for (int move = 0; move < 20; move++) {
        byte[] key = key(random);
        boolean moved;
        boolean expected;
        switch (other.valid() ? random.nextInt(6) : random.nextInt(4)) {
          case 0 -> {
            moved = one.seek(key);
            expected = other.seek(key);
          }
          case 1 -> {
            moved = one.seekForPrev(key);
            expected = other.seekForPrev(key);
          }
          case 2 -> {
            moved = one.seekToFirst();
            expected = other.seekToFirst();
          }
          case 3 -> {
            moved = one.seekToLast();
            expected = other.seekToLast();
          }
          case 4 -> {
            moved = one.next();
            expected = other.next();
          }
          default -> {
            moved = one.prev();
            expected = other.prev();
          }
        }
        assertThat(moved).as(at).isEqualTo(expected);
        if (moved) {
          assertThat(one.key()).as(at).isEqualTo(other.key());
          assertThat(one.value()).as(at).isEqualTo(other.value());
        }
      }
    }
  }

  private static Cf family(SplittableRandom random) {
    return Cf.values()[random.nextInt(Cf.values().length)];
  }

  private static byte[] key(SplittableRandom random) {
    byte[] key = new byte[1 + random.nextInt(3)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(8) * 36);
    }
    return key;
  }
}
