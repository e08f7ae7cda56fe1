/**
 * The log of one Raft peer as the core sees it: what storage holds, and the tail that is not yet
 * durable.
 *
 * <p>Owned by the thread that owns the node. Invariant: entries from {@code firstIndex} to {@code
 * lastIndex} are contiguous, terms never fall along the log, and {@code applied <= committed <=
 * lastIndex}.
 */
@NullMarked
package io.rutile.raft.log;

import org.jspecify.annotations.NullMarked;
