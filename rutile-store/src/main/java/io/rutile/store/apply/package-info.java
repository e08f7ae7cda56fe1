/**
 * The replicated state machine: committed entries become engine writes.
 *
 * <p>An apply worker owns the applied state of its regions (range, applied index, merge state) and
 * runs on its own thread. Invariants: an entry's changes and the applied index that covers them are
 * written in one batch; every peer decides about an entry from the entry and the applied state
 * alone.
 */
@NullMarked
package io.rutile.store.apply;

import org.jspecify.annotations.NullMarked;
