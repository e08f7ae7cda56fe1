package io.rutile.raft.quorum;

/** The vote of each member. */
@FunctionalInterface
public interface VoteLookup {
  Vote voteOf(long id);
}
