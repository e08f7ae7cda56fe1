package io.rutile.verify.txn;

import java.util.random.RandomGenerator;

/**
 * What a seed's world is like.
 *
 * @param delayMaxNanos the longest way of a message, a task or a write
 * @param lossPercent of requests, and of responses
 * @param latePercent of requests arrive a second time, later
 * @param deathPerMille chance of a client's death at a request
 * @param lockTtlMillis least time to live of locks
 * @param troubleNanos mean time between changes of leader or crashes, 0 for none
 * @param slowPercent how often a client sleeps longer than its locks live
 * @param oracleStepMillis how long timestamps follow each other without a gap
 * @param collectNanos time between collections of garbage
 */
record SimOptions(
    int clients,
    int keys,
    int regions,
    int stores,
    long delayMaxNanos,
    int lossPercent,
    int latePercent,
    int deathPerMille,
    int lockTtlMillis,
    long troubleNanos,
    int slowPercent,
    long oracleStepMillis,
    long collectNanos) {
  static final long MILLI = 1_000_000;

  static SimOptions random(RandomGenerator random) {
    boolean hot = random.nextInt(3) == 0;
    return new SimOptions(
        2 + random.nextInt(6),
        hot ? 2 : 2 + random.nextInt(5),
        1 + random.nextInt(3),
        1 + random.nextInt(3),
        (1 + random.nextInt(5)) * MILLI,
        random.nextInt(3),
        random.nextInt(3) == 0 ? 30 : random.nextInt(8),
        random.nextInt(40),
        random.nextBoolean() ? 5 : 30 + random.nextInt(200),
        random.nextInt(3) == 0 ? 0 : (50 + random.nextInt(400)) * MILLI,
        random.nextInt(10),
        random.nextBoolean() ? 10 : 100,
        (50 + random.nextInt(300)) * MILLI);
  }
}
