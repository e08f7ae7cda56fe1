/**
 * PD's durable state: a revisioned key-value store with leases and watches, replicated by one Raft
 * group among the PD members.
 *
 * <p>Commands are log entries; the state machine ({@code MvccState}) is changed by one thread only,
 * the one that applies the log, in log order. Readers on any thread see the state as of a published
 * revision without locks. Invariant: a revision is assigned to one command only, on every member to
 * the same, and never lost once a write of it was acknowledged.
 */
@NullMarked
package io.rutile.pd.meta;

import org.jspecify.annotations.NullMarked;
