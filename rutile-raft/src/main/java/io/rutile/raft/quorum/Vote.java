package io.rutile.raft.quorum;

/** What one voter has said. */
public enum Vote {
  YES,
  NO,
  MISSING
}
