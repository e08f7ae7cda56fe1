package io.rutile.raft.core;

/**
 * State that need not be stored.
 *
 * @param leaderId the leader this peer knows of, 0 for none
 */
public record SoftState(long leaderId, RaftRole role) {}
