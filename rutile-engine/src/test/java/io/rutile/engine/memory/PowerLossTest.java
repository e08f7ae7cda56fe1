package io.rutile.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.testing.Seeds;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.engine.api.WriteBatch;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which states a power loss can leave in the memory engines. */
class PowerLossTest {
  @Seeds(20)
  void engineKeepsSyncedWritesAndAPrefixOfTheRest(long seed) {
    MemoryKvEngine engine = new MemoryKvEngine();
    for (int i = 0; i < 10; i++) {
      put(engine, i, i == 4);
    }
    MemoryKvEngine found = engine.crash(new SplittableRandom(seed));
    assertThatThrownBy(() -> engine.get(Cf.DEFAULT, key(0))).isInstanceOf(EngineException.class);
    int survivors = survivors(found);
    assertThat(survivors).isBetween(5, 10);
    assertThat(survivors(found.crash(new SplittableRandom(seed + 1)))).isEqualTo(survivors);
  }

  @Test
  void everyPrefixHappensAndSeedsRepeat() {
    Set<Integer> seen = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      int[] survivors = new int[2];
      for (int run = 0; run < 2; run++) {
        MemoryKvEngine engine = new MemoryKvEngine();
        for (int i = 0; i < 5; i++) {
          put(engine, i, false);
        }
        survivors[run] = survivors(engine.crash(new SplittableRandom(seed)));
      }
      assertThat(survivors[0]).isEqualTo(survivors[1]);
      seen.add(survivors[0]);
    }
    assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
  }

  @Test
  void flushMakesDurableAndRestartKeepsAll() {
    MemoryKvEngine engine = new MemoryKvEngine();
    put(engine, 0, false);
    engine.flush(Cf.LOCK);
    put(engine, 1, false);
    MemoryKvEngine restarted = engine.restart();
    assertThat(survivors(restarted)).isEqualTo(2);
  }

  @Seeds(20)
  void raftLogKeepsSyncedBatchesAndAPrefixOfTheRest(long seed) {
    MemoryRaftLog log = new MemoryRaftLog();
    for (int index = 1; index <= 10; index++) {
      RaftLogBatch batch = log.newBatch();
      batch.append(1, index, List.of(new byte[] {(byte) index}));
      log.write(batch, index == 6);
    }
    MemoryRaftLog found = log.crash(new SplittableRandom(seed));
    assertThatThrownBy(() -> log.lastIndex(1)).isInstanceOf(EngineException.class);
    long last = found.lastIndex(1);
    assertThat(last).isBetween(6L, 10L);
    for (int index = 1; index <= last; index++) {
      assertThat(found.entry(1, index)).containsExactly(index);
    }
    RaftLogBatch next = found.newBatch();
    next.append(1, last + 1, List.of(new byte[1]));
    found.write(next, false);
    assertThat(found.restart().lastIndex(1)).isEqualTo(last + 1);
  }

  private static void put(MemoryKvEngine engine, int i, boolean sync) {
    WriteBatch batch = engine.newWriteBatch();
    batch.put(Cf.DEFAULT, key(i), key(i));
    engine.write(batch, sync);
  }

  private static int survivors(MemoryKvEngine engine) {
    int count = 0;
    while (engine.get(Cf.DEFAULT, key(count)) != null) {
      count++;
    }
    return count;
  }

  private static byte[] key(int i) {
    return new byte[] {(byte) i};
  }
}
