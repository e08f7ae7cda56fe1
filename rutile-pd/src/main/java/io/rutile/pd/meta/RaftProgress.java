package io.rutile.pd.meta;

/**
 * How far this member's log is.
 *
 * @param term Raft term
 * @param commit last index known to be committed
 * @param applied last index applied here
 */
public record RaftProgress(long term, long commit, long applied) {}
