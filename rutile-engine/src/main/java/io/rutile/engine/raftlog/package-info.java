/**
 * The log of all Raft groups of a store in shared append-only segment files.
 *
 * <p>Threads: one writer at a time under the log's lock, any number of readers. Invariant: what is
 * in the index is in a file, and what is in a file under a valid checksum is what was written.
 */
@NullMarked
package io.rutile.engine.raftlog;

import org.jspecify.annotations.NullMarked;
