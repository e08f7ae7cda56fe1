package io.rutile.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Chooses keys and operations of one loop from a seed. The zipfian choice is the one of Gray et
 * al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994), with the exponent
 * 0.99 that YCSB made usual; ranks are scattered over the key space, so that hot keys are not
 * neighbours. Owned by one loop.
 */
final class KeyChooser {
  /** Constants of the zipfian distribution over so many keys, made once for all loops. */
  record Zipf(long keys, double zetaN, double eta) {
    static final double THETA = 0.99;
    static final double ALPHA = 1 / (1 - THETA);

    /** Beyond so many keys the sum is approximated by its integral. */
    private static final long SUMMED_MAX = 1 << 20;

    static Zipf of(long keys) {
      double zetaN = zeta(keys);
      double eta = (1 - Math.pow(2.0 / keys, 1 - THETA)) / (1 - zeta(2) / zetaN);
      return new Zipf(keys, zetaN, eta);
    }

    private static double zeta(long n) {
      double sum = 0;
      long summed = Math.min(n, SUMMED_MAX);
      for (long i = 1; i <= summed; i++) {
        sum += 1 / Math.pow(i, THETA);
      }
      if (n > summed) {
        sum += (Math.pow(n, 1 - THETA) - Math.pow(summed, 1 - THETA)) / (1 - THETA);
      }
      return sum;
    }

    long rank(double uniform) {
      double scaled = uniform * zetaN;
      if (scaled < 1) {
        return 0;
      }
      if (scaled < 1 + Math.pow(0.5, THETA)) {
        return Math.min(1, keys - 1);
      }
      return Math.min(keys - 1, (long) (keys * Math.pow(eta * uniform - eta + 1, ALPHA)));
    }
  }

  private static final byte[] PREFIX = "bench/".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 12;

  private final LoadConfig config;
  private final Zipf zipf;
  private final SplittableRandom random;

  KeyChooser(LoadConfig config, Zipf zipf, long loop) {
    this.config = config;
    this.zipf = zipf;
    this.random = new SplittableRandom(config.seed() * 1_000_003 + loop);
  }

  Operation operation() {
    return switch (config.workload()) {
      case GET -> Operation.GET;
      case PUT -> Operation.PUT;
      case SCAN -> Operation.SCAN;
      case MIXED -> random.nextInt(100) < config.readPercent() ? Operation.GET : Operation.PUT;
    };
  }

  byte[] key() {
    return key(index());
  }

  /** Neighbouring keys from a chosen one on; fewer when there are not as many. */
  byte[][] keys(int count) {
    int found = (int) Math.min(count, config.keys());
    long first = Math.min(index(), config.keys() - found);
    byte[][] keys = new byte[found][];
    for (int i = 0; i < found; i++) {
      keys[i] = key(first + i);
    }
    return keys;
  }

  long index() {
    return switch (config.distribution()) {
      case UNIFORM -> random.nextLong(config.keys());
      case ZIPF -> scattered(zipf.rank(random.nextDouble()));
    };
  }

  /** The key of that number: 18 bytes, ascending with the number. */
  static byte[] key(long index) {
    byte[] key = new byte[PREFIX.length + DIGITS];
    System.arraycopy(PREFIX, 0, key, 0, PREFIX.length);
    long rest = index;
    for (int at = key.length - 1; at >= PREFIX.length; at--) {
      key[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return key;
  }

  private long scattered(long rank) {
    long hash = (rank + 1) * 0x9E3779B97F4A7C15L;
    hash ^= hash >>> 29;
    hash *= 0xBF58476D1CE4E5B9L;
    hash ^= hash >>> 32;
    return Long.remainderUnsigned(hash, config.keys());
  }
}
