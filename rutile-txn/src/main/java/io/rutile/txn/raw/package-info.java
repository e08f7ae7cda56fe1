/**
 * Raw key-value access without transactions: storage formats of API V1, V1TTL and V2, reads,
 * writes, compare-and-swap. Owns the meaning of raw bytes; runs on the read pool, the scheduler's
 * pool and, for plain writes, on the caller's thread. Invariant: an expired or deleted entry is
 * never seen.
 */
@NullMarked
package io.rutile.txn.raw;

import org.jspecify.annotations.NullMarked;
