/**
 * Reads that do not visit the store loop: leases, published views, snapshots of one region.
 *
 * <p>Invariant: a snapshot handed out under a lease was taken while no other peer could lead the
 * region, and holds every write that had been acknowledged before it was asked for.
 */
@NullMarked
package io.rutile.store.read;

import org.jspecify.annotations.NullMarked;
