/**
 * The front of this module: one method for each data RPC, request message in, response message out.
 * Owns the composition of the pools, the scheduler and the tables below it. Methods may be called
 * by any thread, event loops included, and never block; stages complete on the thread that finished
 * the work. Invariant: every refusal is in the response; a failed stage means that the store is
 * broken.
 */
@NullMarked
package io.rutile.txn.storage;

import org.jspecify.annotations.NullMarked;
