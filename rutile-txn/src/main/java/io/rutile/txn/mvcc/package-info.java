/**
 * Multi-version reads over one region snapshot: point gets, batches, scans in both directions, and
 * the searches that commands need. Keys are encoded keys unless a name says raw.
 *
 * <p>A reader is owned by one thread and is closed before its snapshot. Invariant: of a key, a
 * reader at a timestamp sees the newest Put or Delete at or below it, whatever Lock and Rollback
 * records lie between, or refuses because a lock may still commit below that timestamp.
 */
@NullMarked
package io.rutile.txn.mvcc;

import org.jspecify.annotations.NullMarked;
