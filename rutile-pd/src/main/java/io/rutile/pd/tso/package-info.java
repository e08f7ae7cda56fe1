/**
 * The timestamp oracle. A timestamp is handed out by one compare-and-set, without a lock; a single
 * thread, the updater, moves the physical part and reserves windows in the replicated store.
 *
 * <p>Invariant: no timestamp is handed out whose physical part is not below a bound that is already
 * durable, so whoever serves next, starting at that bound, cannot repeat or undercut one.
 */
@NullMarked
package io.rutile.pd.tso;

import org.jspecify.annotations.NullMarked;
