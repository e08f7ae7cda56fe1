/**
 * How a read runs: admission, one task on the read pool, a snapshot, the read itself, one response.
 * Owns nothing but the order of these steps; any thread may start a read. Invariant: each read is
 * answered exactly once, and its snapshot is closed.
 */
@NullMarked
package io.rutile.txn.read;

import org.jspecify.annotations.NullMarked;
