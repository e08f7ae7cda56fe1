/**
 * How writes that need latches run: admission, latches, snapshot, the command, its proposal, the
 * answer. Owns the pending-write accounts and the latches; a running command is owned by one thread
 * at a time and moves between the caller, the pool's threads and the thread that completes its
 * proposal. Invariant: a command is answered exactly once, after which it holds nothing.
 */
@NullMarked
package io.rutile.txn.scheduler;

import org.jspecify.annotations.NullMarked;
