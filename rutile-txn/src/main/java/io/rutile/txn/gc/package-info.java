/**
 * Removal of data that nobody can see any more, and of whole ranges on request. Owns the thread
 * {@code gc-worker-0}, where blocking engine work runs. Invariant: no version that a reader at or
 * above the safe point can see is removed.
 */
@NullMarked
package io.rutile.txn.gc;

import org.jspecify.annotations.NullMarked;
