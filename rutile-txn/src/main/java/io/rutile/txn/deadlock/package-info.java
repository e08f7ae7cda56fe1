/**
 * Cycles in who waits for whom. The store that leads the first region keeps the graph of all waits
 * of the cluster; the others report to it. State is guarded by one monitor; listeners run outside
 * of it. Invariant: of the waits of a cycle that are known, the last one reported is refused.
 */
@NullMarked
package io.rutile.txn.deadlock;

import org.jspecify.annotations.NullMarked;
