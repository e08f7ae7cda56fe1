/**
 * Reads without a log entry: ReadIndex (thesis 6.4) and the leader's lease (thesis 6.4.1).
 *
 * <p>Owned by the node's thread; exists only while the node leads. Both rest on numbered heartbeat
 * rounds: a round that a quorum has answered proves that no other leader had been elected when the
 * round began.
 */
@NullMarked
package io.rutile.raft.readonly;

import org.jspecify.annotations.NullMarked;
