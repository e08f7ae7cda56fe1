package io.rutile.raft.quorum;

/** How an election stands. */
public enum VoteResult {
  WON,
  LOST,
  PENDING
}
