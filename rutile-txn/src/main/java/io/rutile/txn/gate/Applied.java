package io.rutile.txn.gate;

/**
 * Where a write took effect.
 *
 * @param term Raft term of its entry
 * @param index Raft index of its entry
 */
public record Applied(long term, long index) {}
