/**
 * One peer of one region: Raft node, log view, proposals, reads, orders from the placement driver.
 * Everything here is owned by the store loop that owns the peer. Invariants: what Raft promises to
 * others leaves only after the log writer has reported it durable; entries reach the apply worker
 * in order and once.
 */
@NullMarked
package io.rutile.store.peer;

import org.jspecify.annotations.NullMarked;
