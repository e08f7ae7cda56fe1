package io.rutile.pd.meta;

import java.util.ArrayDeque;

/**
 * How long this leader may act without asking again. A heartbeat round that began at some time and
 * was answered by a quorum proves that no other member is elected within an election timeout from
 * that time; a tenth is taken off for clocks that run at different rates. Time is the monotonic
 * clock, so a paused process finds its lease over.
 *
 * <p>Owned by: the store's thread; {@link #isValid} is for any thread.
 */
final class LeaderLease {
  private record Round(long number, long startNanos) {}

  /** What other threads see: a lease belongs to a term. */
  private record Grant(long term, boolean unlimited, long endNanos) {}

  private final long lengthNanos;
  private final ArrayDeque<Round> rounds = new ArrayDeque<>();
  private volatile Grant grant = new Grant(0, false, 0);

  LeaderLease(long electionTimeoutNanos) {
    this.lengthNanos = electionTimeoutNanos / 10 * 9;
  }

  /** Nothing is promised until a round of the new term is confirmed. */
  void reset() {
    rounds.clear();
    grant = new Grant(0, false, 0);
  }

  void roundStarted(long number, long startNanos) {
    rounds.add(new Round(number, startNanos));
  }

  void roundConfirmed(long term, long number) {
    Round newest = null;
    while (!rounds.isEmpty() && rounds.getFirst().number <= number) {
      newest = rounds.removeFirst();
    }
    if (newest != null) {
      grant = new Grant(term, false, newest.startNanos + lengthNanos);
    }
  }

  /** The only voter leads for as long as it lives. */
  void unlimited(long term) {
    if (!grant.unlimited || grant.term != term) {
      grant = new Grant(term, true, 0);
    }
  }

  boolean isValid(long term, long nowNanos) {
    Grant now = grant;
    return now.term == term && term != 0 && (now.unlimited || now.endNanos - nowNanos > 0);
  }
}
