package io.rutile.store.read;

/**
 * The time until which this peer may read without asking its group.
 *
 * <p>A quorum that has heard of this leader after some moment will neither vote for another nor let
 * itself be elected until an election timeout later (pre-vote and check-quorum hold). So the lease
 * runs from a moment <em>before</em> the confirmed message was sent, on the monotonic clock, for
 * less than the shortest election timeout; the difference covers drift between the clocks.
 *
 * <p>Extended and revoked by the store loop that owns the peer, tested by any thread. While revoked
 * (a leadership transfer, a split or a merge is under way) confirmations are ignored, until one
 * whose message was sent after {@link #allow}.
 */
public final class LeaderLease {
  private static final long NONE = Long.MIN_VALUE;

  private final long leaseNanos;
  private volatile long expiryNanos = NONE;
  private boolean revoked;
  private long validFromNanos = NONE;

  public LeaderLease(long leaseNanos) {
    this.leaseNanos = leaseNanos;
  }

  /** A quorum confirmed this leader in answer to something sent at or after {@code sentNanos}. */
  public void extend(long sentNanos) {
    if (revoked || (validFromNanos != NONE && sentNanos - validFromNanos < 0)) {
      return;
    }
    long until = sentNanos + leaseNanos;
    long held = expiryNanos;
    if (held == NONE || until - held > 0) {
      expiryNanos = until;
    }
  }

  /** Ends the lease at once and ignores confirmations until {@link #allow}. */
  public void revoke() {
    revoked = true;
    expiryNanos = NONE;
  }

  /** Confirmations of what is sent from {@code nowNanos} on count again. */
  public void allow(long nowNanos) {
    if (revoked) {
      revoked = false;
      validFromNanos = nowNanos;
    }
  }

  public boolean isRevoked() {
    return revoked;
  }

  public boolean validAt(long nowNanos) {
    long held = expiryNanos;
    return held != NONE && nowNanos - held < 0;
  }
}
