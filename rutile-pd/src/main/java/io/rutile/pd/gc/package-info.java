/**
 * Garbage collection points: how far back transactions may read and versions may be removed, and
 * who holds them. Changes are made durable under one lock by virtual threads; reads come from the
 * replicated store. Invariant: neither point of a scope ever goes back, and the GC safe point never
 * passes the transaction safe point when it is advanced by the newer calls.
 */
@NullMarked
package io.rutile.pd.gc;

import org.jspecify.annotations.NullMarked;
