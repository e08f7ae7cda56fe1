/**
 * Raft as a pure function: messages, proposals and ticks in, {@link io.rutile.raft.core.Ready} out.
 *
 * <p>Owns the state of one peer of one Raft group: term, vote, role, log position, configuration.
 * No threads, no clock, no I/O, no hidden randomness: the same inputs give the same outputs. A node
 * is used by one thread at a time, the store loop that owns the peer.
 *
 * <p>Invariant: nothing that another peer may count on (a vote, an accepted entry) leaves the node
 * before the driver has reported it durable.
 */
@NullMarked
package io.rutile.raft.core;

import org.jspecify.annotations.NullMarked;
