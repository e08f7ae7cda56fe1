/**
 * What a majority has agreed on: votes and indexes, for simple and joint configurations.
 *
 * <p>Pure functions over immutable sets; any thread. Invariant: two quorums of one configuration
 * always share a member.
 */
@NullMarked
package io.rutile.raft.quorum;

import org.jspecify.annotations.NullMarked;
