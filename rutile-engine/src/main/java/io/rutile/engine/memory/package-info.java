/**
 * Engines in memory for simulation: they keep apart what was synced and what was only written, so
 * that a power loss can be played from a seed.
 *
 * <p>Invariant: the same calls and the same seed give the same state, whatever the JVM.
 */
@NullMarked
package io.rutile.engine.memory;

import org.jspecify.annotations.NullMarked;
