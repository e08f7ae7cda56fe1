package io.rutile.raft.golden;

import java.util.random.RandomGenerator;

/** Always the same offset into a range: election timeouts that a script can count on. */
record FixedJitter(int offset) implements RandomGenerator {
  @Override
  public int nextInt(int origin, int bound) {
    return Math.min(origin + offset, bound - 1);
  }

  @Override
  public long nextLong() {
    return offset;
  }
}
