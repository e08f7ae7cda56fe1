/**
 * What a leader knows about each peer's log, and how much it may send.
 *
 * <p>Owned by the thread that owns the node; exists only while the node leads. Invariant: {@code
 * match < next}.
 */
@NullMarked
package io.rutile.raft.tracker;

import org.jspecify.annotations.NullMarked;
