/**
 * A cluster of stores in one thread on virtual time, for tests and simulations of the layers above:
 * the production classes with a simulated network, placement driver and disks. Everything follows
 * from the seed. Not used in production.
 */
@NullMarked
package io.rutile.store.testing;

import org.jspecify.annotations.NullMarked;
