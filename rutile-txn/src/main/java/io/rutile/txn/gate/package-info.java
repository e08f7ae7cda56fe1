/**
 * The seam between transactions and replication: a command never knows that Raft exists; Raft never
 * knows that a lock exists.
 */
@NullMarked
package io.rutile.txn.gate;

import org.jspecify.annotations.NullMarked;
