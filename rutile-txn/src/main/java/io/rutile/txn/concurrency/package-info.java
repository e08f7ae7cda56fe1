/**
 * What makes async commit correct: the largest timestamp ever read, and the locks of commits under
 * way. Shared by every thread of a store. Invariant: a reader that has raised max_ts and found no
 * lock here can never miss a commit at or below its timestamp.
 */
@NullMarked
package io.rutile.txn.concurrency;

import org.jspecify.annotations.NullMarked;
