package io.rutile.raft.core;

import io.rutile.raft.quorum.VoteTally;

/** What a peer knows and does only as long as it plays one role. */
sealed interface Role permits Role.Follower, Role.PreCandidate, Role.Candidate, Leader {
  RaftRole kind();

  /** Follows a leader, or waits to learn of one (then {@code leaderId} is 0). */
  final class Follower implements Role {
    long leaderId;

    Follower(long leaderId) {
      this.leaderId = leaderId;
    }

    @Override
    public RaftRole kind() {
      return RaftRole.FOLLOWER;
    }
  }

  /** Asks around for votes in the next term (thesis 9.6). */
  final class PreCandidate implements Role {
    final VoteTally votes = new VoteTally();

    @Override
    public RaftRole kind() {
      return RaftRole.PRE_CANDIDATE;
    }
  }

  /** Stands for election. Its own vote counts once it is durable. */
  final class Candidate implements Role {
    final VoteTally votes = new VoteTally();

    @Override
    public RaftRole kind() {
      return RaftRole.CANDIDATE;
    }
  }
}
