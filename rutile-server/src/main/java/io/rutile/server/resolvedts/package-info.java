/**
 * Moves the safe timestamp of regions, below which replicas may be read without asking anybody.
 * Owns the thread {@code resolved-ts-0}, on which rounds begin; answers of other stores come in on
 * any thread. Invariant: a timestamp is announced only after a majority has confirmed the leader
 * since the timestamp was drawn from the oracle.
 */
@NullMarked
package io.rutile.server.resolvedts;

import org.jspecify.annotations.NullMarked;
