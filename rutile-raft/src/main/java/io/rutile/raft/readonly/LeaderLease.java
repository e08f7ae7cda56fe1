package io.rutile.raft.readonly;

import java.util.ArrayDeque;

/**
 * Until which tick a leader may read without asking. A round that began at tick {@code t} and was
 * answered by a quorum proves it up to {@code t + leaseTicks}, if the peers that answered keep from
 * voting for longer than that.
 *
 * <p>Revoked, for good, once the leader has asked a peer to take over: that peer's election
 * overrides the promise not to vote, and the request may arrive late.
 */
public final class LeaderLease {
  private record Round(long number, long tick) {}

  private final int leaseTicks;
  private final ArrayDeque<Round> unconfirmed = new ArrayDeque<>();
  private long confirmedRound;
  private long validUntilTick;
  private boolean revoked;

  public LeaderLease(int leaseTicks) {
    this.leaseTicks = leaseTicks;
  }

  /** Ticks of a lease that a lease holder may count on, given how long voters hold still. */
  public static int leaseTicks(int electionTicks) {
    return Math.max(0, electionTicks - 1 - (electionTicks + 9) / 10);
  }

  /** Of the rounds that begin in one tick only the first is noted: the others prove no less. */
  public void roundStarted(long number, long tick) {
    Round last = unconfirmed.peekLast();
    if (last != null && last.tick == tick) {
      return;
    }
    while (!unconfirmed.isEmpty() && unconfirmed.getFirst().tick + leaseTicks <= tick) {
      unconfirmed.removeFirst();
    }
    unconfirmed.add(new Round(number, tick));
  }

  /** A quorum has answered the round, or a later one. */
  public void roundConfirmed(long number) {
    confirmedRound = number;
    while (!unconfirmed.isEmpty() && unconfirmed.getFirst().number <= number) {
      validUntilTick = unconfirmed.removeFirst().tick + leaseTicks;
    }
  }

  public long confirmedRound() {
    return confirmedRound;
  }

  public void revoke() {
    revoked = true;
  }

  public boolean isRevoked() {
    return revoked;
  }

  /** Ends the lease now; later rounds may renew it. */
  public void expire() {
    unconfirmed.clear();
    validUntilTick = 0;
  }

  public boolean isValid(long tick) {
    return !revoked && tick < validUntilTick;
  }
}
