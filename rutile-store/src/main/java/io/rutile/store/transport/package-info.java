/**
 * The way to other stores. The store loop hands messages over and never waits; delivery is best
 * effort, in order per store pair while a connection lasts.
 */
@NullMarked
package io.rutile.store.transport;

import org.jspecify.annotations.NullMarked;
