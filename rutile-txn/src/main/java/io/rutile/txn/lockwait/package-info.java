/**
 * Requests that wait for somebody else's lock. Owns the wait queues, guarded by one monitor;
 * replies complete outside of it. Invariant: a waiting request is answered or run again exactly
 * once, by a release, a deadlock, its timeout or the loss of its region, whichever comes first.
 */
@NullMarked
package io.rutile.txn.lockwait;

import org.jspecify.annotations.NullMarked;
