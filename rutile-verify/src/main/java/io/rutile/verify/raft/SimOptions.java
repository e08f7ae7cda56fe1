package io.rutile.verify.raft;

import java.util.random.RandomGenerator;

/**
 * What kind of world a seed lives in. Each seed switches whole classes of trouble on and off, since
 * some bugs show only where others do not get in the way.
 *
 * @param voters members at the start
 * @param spares further nodes that conf changes may bring in
 * @param dropPercent of messages lost
 * @param duplicatePercent of messages that arrive twice
 * @param networkDelayMax in microseconds of virtual time; a tick is {@link #TICK}
 * @param diskDelayMax of one write
 * @param crashes whether nodes crash and lose what is not synced
 * @param partitions whether links are cut
 * @param pauses whether nodes stand still
 * @param confChanges whether members change
 * @param transfers whether leadership is handed over
 * @param compaction whether logs are compacted, so that snapshots are needed
 * @param smallLimits whether the limits of messages, bytes and inflight appends are tiny
 */
record SimOptions(
    int voters,
    int spares,
    int dropPercent,
    int duplicatePercent,
    int networkDelayMax,
    int diskDelayMax,
    boolean crashes,
    boolean partitions,
    boolean pauses,
    boolean confChanges,
    boolean transfers,
    boolean compaction,
    boolean smallLimits,
    boolean preVote,
    boolean checkQuorum,
    boolean lease,
    boolean skipBroadcastCommit) {

  /** Virtual microseconds between two ticks of a node whose clock is exact. */
  static final int TICK = 1_000;

  static final int ELECTION_TICKS = 10;

  static SimOptions random(RandomGenerator random) {
    boolean checkQuorum = random.nextInt(10) < 8;
    return new SimOptions(
        3 + random.nextInt(3),
        random.nextInt(4),
        new int[] {0, 1, 5, 20}[random.nextInt(4)],
        new int[] {0, 2, 10}[random.nextInt(3)],
        new int[] {300, 1_500, 6_000}[random.nextInt(3)],
        new int[] {50, 800, 4_000}[random.nextInt(3)],
        random.nextInt(4) > 0,
        random.nextInt(4) > 0,
        random.nextInt(3) == 0,
        random.nextInt(3) > 0,
        random.nextInt(2) == 0,
        random.nextInt(2) == 0,
        random.nextInt(3) == 0,
        random.nextInt(4) > 0,
        checkQuorum,
        checkQuorum && random.nextBoolean(),
        random.nextInt(4) == 0);
  }
}
