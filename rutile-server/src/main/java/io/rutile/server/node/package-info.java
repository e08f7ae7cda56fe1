/**
 * The composition root of one store: from configuration to a serving process and back.
 *
 * <p>Owns the order in which parts start and stop. Everything here is used by the thread that
 * starts and stops the node, unless a class says otherwise.
 *
 * <p>Invariant: whatever was started is stopped, in reverse order, also when a later part fails to
 * start.
 */
@NullMarked
package io.rutile.server.node;

import org.jspecify.annotations.NullMarked;
