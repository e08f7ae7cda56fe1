package io.rutile.raft.core;

/** The part a peer plays in its group. */
public enum RaftRole {
  FOLLOWER,
  /** Asks whether it would win an election, without touching its term. */
  PRE_CANDIDATE,
  CANDIDATE,
  LEADER
}
