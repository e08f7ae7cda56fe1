/**
 * Mutual exclusion of commands by key. Owned by the scheduler; any thread may take and give back
 * latches, none ever blocks. Invariant: a slot's waiters get it in the order in which they asked.
 */
@NullMarked
package io.rutile.txn.latch;

import org.jspecify.annotations.NullMarked;
