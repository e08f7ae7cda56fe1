/**
 * The way back to the stores: one bound response stream for each store, on which orders are pushed.
 * Safe for use by any thread; sends to one store are serialised by its lock.
 */
@NullMarked
package io.rutile.pd.heartbeat;

import org.jspecify.annotations.NullMarked;
