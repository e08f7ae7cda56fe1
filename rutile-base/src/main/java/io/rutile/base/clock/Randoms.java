package io.rutile.base.clock;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Where random numbers come from: each user gets an own generator by a name of its purpose, so that
 * in a simulation what one user draws does not change what another gets. The generators are not
 * thread-safe.
 */
@FunctionalInterface
public interface Randoms {
  /**
   * A new generator.
   *
   * @param purpose stable name of the use, for example {@code region-7-election}
   */
  RandomGenerator create(String purpose);

  /** Unpredictable generators. */
  static Randoms system() {
    return purpose -> new SplittableRandom(new SecureRandom().nextLong());
  }

  /** Generators that repeat for one seed and purpose. */
  static Randoms seeded(long seed) {
    return purpose -> new SplittableRandom(seed * 0x9E3779B97F4A7C15L + hash(purpose));
  }

  private static long hash(String text) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
    }
    return hash;
  }
}
