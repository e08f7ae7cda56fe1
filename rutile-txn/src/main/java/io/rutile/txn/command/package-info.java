/**
 * Transactional commands and reads as pure functions: a request and a view of the region go in, the
 * changes to make and the response to give come out. Nothing here waits, does I/O of its own, reads
 * a clock or knows that replication exists.
 *
 * <p>A command object is immutable; any thread may process it, one at a time, while it holds the
 * latches of {@link io.rutile.txn.command.Command#latchKeys()}. Invariant: a refused command
 * changes nothing, there is no partial write.
 */
@NullMarked
package io.rutile.txn.command;

import org.jspecify.annotations.NullMarked;
