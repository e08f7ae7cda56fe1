package io.rutile.raft.core;

import java.util.random.RandomGenerator;

/**
 * How one node behaves. Immutable; defaults are TiKV's.
 *
 * @param id of this peer, not 0
 * @param electionTicks a follower that has not heard of its leader for this long may start an
 *     election; for this long it also grants no vote, which is what leases rest on
 * @param minElectionTicks lower bound, inclusive, of the randomized election timeout; at least
 *     {@code electionTicks}
 * @param maxElectionTicks upper bound, exclusive, of the randomized election timeout
 * @param heartbeatTicks between two heartbeats of a leader; less than {@code electionTicks}
 * @param applied index up to which the state machine holds the log already
 * @param maxSizePerMessage bytes of entries in one append; one entry always fits
 * @param maxInflightMessages appends on their way to one peer
 * @param maxInflightBytes payload of these appends; one append always fits
 * @param maxUncommittedSize bytes of proposals in the leader's uncommitted tail; one always fits
 * @param maxCommittedSizePerReady bytes of committed entries in one Ready; one entry always fits
 * @param preVote ask before raising the term (thesis 9.6)
 * @param checkQuorum a leader that a quorum does not answer for an election timeout steps down, and
 *     followers with a live leader ignore vote requests (thesis 6.2)
 * @param readOnlyLease answer {@code readIndex} without a heartbeat round while the lease lasts;
 *     needs {@code checkQuorum} and the clock assumption of {@code RaftNode.inLease}
 * @param skipBroadcastCommit do not send an append only to tell a new commit index
 * @param mayOweLease whether this peer may have acknowledged a leader before its process stopped.
 *     It then grants no vote for the first election timeout, since the leader may still read under
 *     a lease that counts on that. False for a peer that never ran
 * @param priority peers do not vote for one of lower priority unless its log is longer
 * @param random source of election jitter, owned by the node's thread
 */
public record RaftConfig(
    long id,
    int electionTicks,
    int minElectionTicks,
    int maxElectionTicks,
    int heartbeatTicks,
    long applied,
    long maxSizePerMessage,
    int maxInflightMessages,
    long maxInflightBytes,
    long maxUncommittedSize,
    long maxCommittedSizePerReady,
    boolean preVote,
    boolean checkQuorum,
    boolean readOnlyLease,
    boolean skipBroadcastCommit,
    boolean mayOweLease,
    long priority,
    RandomGenerator random) {

  /** A limit that is never reached. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  public RaftConfig {
    require(id != 0, "id must not be 0");
    require(heartbeatTicks > 0, "heartbeatTicks must be positive");
    require(electionTicks > heartbeatTicks, "electionTicks must be greater than heartbeatTicks");
    require(minElectionTicks >= electionTicks, "minElectionTicks must be at least electionTicks");
    require(
        maxElectionTicks > minElectionTicks,
        "maxElectionTicks must be greater than minElectionTicks");
    require(maxSizePerMessage >= 0, "maxSizePerMessage must not be negative");
    require(maxInflightMessages > 0, "maxInflightMessages must be positive");
    require(maxInflightBytes > 0, "maxInflightBytes must be positive");
    require(maxUncommittedSize > 0, "maxUncommittedSize must be positive");
    require(maxCommittedSizePerReady > 0, "maxCommittedSizePerReady must be positive");
    require(!readOnlyLease || checkQuorum, "readOnlyLease needs checkQuorum");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw RaftException.config(message);
    }
  }

  public static Builder builder(long id, RandomGenerator random) {
    return new Builder(id, random);
  }

  /** Collects settings; what is not set has TiKV's default. */
  public static final class Builder {
    private final long id;
    private final RandomGenerator random;
    private int electionTicks = 10;
    private int minElectionTicks;
    private int maxElectionTicks;
    private int heartbeatTicks = 2;
    private long applied;
    private long maxSizePerMessage = 1 << 20;
    private int maxInflightMessages = 256;
    private long maxInflightBytes = NO_LIMIT;
    private long maxUncommittedSize = NO_LIMIT;
    private long maxCommittedSizePerReady = 16 << 20;
    private boolean preVote = true;
    private boolean checkQuorum = true;
    private boolean readOnlyLease;
    private boolean skipBroadcastCommit;
    private boolean mayOweLease;
    private long priority;

    private Builder(long id, RandomGenerator random) {
      this.id = id;
      this.random = random;
    }

    public Builder electionTicks(int ticks) {
      this.electionTicks = ticks;
      return this;
    }

    /** 0 means {@code electionTicks}. */
    public Builder minElectionTicks(int ticks) {
      this.minElectionTicks = ticks;
      return this;
    }

    /** 0 means twice {@code electionTicks}. */
    public Builder maxElectionTicks(int ticks) {
      this.maxElectionTicks = ticks;
      return this;
    }

    public Builder heartbeatTicks(int ticks) {
      this.heartbeatTicks = ticks;
      return this;
    }

    public Builder applied(long index) {
      this.applied = index;
      return this;
    }

    public Builder maxSizePerMessage(long bytes) {
      this.maxSizePerMessage = bytes;
      return this;
    }

    public Builder maxInflightMessages(int messages) {
      this.maxInflightMessages = messages;
      return this;
    }

    public Builder maxInflightBytes(long bytes) {
      this.maxInflightBytes = bytes;
      return this;
    }

    public Builder maxUncommittedSize(long bytes) {
      this.maxUncommittedSize = bytes;
      return this;
    }

    public Builder maxCommittedSizePerReady(long bytes) {
      this.maxCommittedSizePerReady = bytes;
      return this;
    }

    public Builder preVote(boolean enabled) {
      this.preVote = enabled;
      return this;
    }

    public Builder checkQuorum(boolean enabled) {
      this.checkQuorum = enabled;
      return this;
    }

    public Builder readOnlyLease(boolean enabled) {
      this.readOnlyLease = enabled;
      return this;
    }

    public Builder skipBroadcastCommit(boolean skip) {
      this.skipBroadcastCommit = skip;
      return this;
    }

    public Builder mayOweLease(boolean owes) {
      this.mayOweLease = owes;
      return this;
    }

    public Builder priority(long value) {
      this.priority = value;
      return this;
    }

    public RaftConfig build() {
      int min = minElectionTicks == 0 ? electionTicks : minElectionTicks;
      int max = maxElectionTicks == 0 ? 2 * electionTicks : maxElectionTicks;
      return new RaftConfig(
          id,
          electionTicks,
          min,
          max,
          heartbeatTicks,
          applied,
          maxSizePerMessage,
          maxInflightMessages,
          maxInflightBytes,
          maxUncommittedSize,
          maxCommittedSizePerReady,
          preVote,
          checkQuorum,
          readOnlyLease,
          skipBroadcastCommit,
          mayOweLease,
          priority,
          random);
    }
  }
}
