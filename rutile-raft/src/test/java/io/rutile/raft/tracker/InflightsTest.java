package io.rutile.raft.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InflightsTest {
  @Test
  void behavesLikeAQueueWithLimits() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Inflights inflights = new Inflights(50, 1_000);
    ArrayDeque<long[]> model = new ArrayDeque<>();
    long index = 0;
    for (int step = 0; step < 50_000; step++) {
      long modelBytes = model.stream().mapToLong(each -> each[1]).sum();
      assertThat(inflights.count()).as("seed %d", seed).isEqualTo(model.size());
      assertThat(inflights.bytes()).as("seed %d", seed).isEqualTo(modelBytes);
      boolean full = model.size() >= 50 || modelBytes >= 1_000;
      assertThat(inflights.isFull()).as("seed %d", seed).isEqualTo(full);
      if (random.nextInt(1_000) == 0) {
        inflights.clear();
        model.clear();
      } else if (!full && random.nextInt(3) > 0) {
        index += 1 + random.nextInt(3);
        long size = random.nextInt(60);
        inflights.add(index, size);
        model.add(new long[] {index, size});
      } else {
        long acknowledged = index - random.nextInt(40);
        inflights.freeTo(acknowledged);
        model.removeIf(each -> each[0] <= acknowledged);
      }
    }
  }

  @Test
  void refusesMoreThanFits() {
    Inflights inflights = new Inflights(1, Long.MAX_VALUE);
    inflights.add(1, 10);
    assertThatThrownBy(() -> inflights.add(2, 10)).isInstanceOf(IllegalStateException.class);
  }
}
