/**
 * Worker pools of platform threads: reads of RocksDB pin virtual threads, so reads and commands run
 * here. Owns the threads {@code read-i} and {@code scheduler-i} and their queues. Invariant: queues
 * are bounded, and a task that is taken in is run exactly once.
 */
@NullMarked
package io.rutile.txn.pool;

import org.jspecify.annotations.NullMarked;
