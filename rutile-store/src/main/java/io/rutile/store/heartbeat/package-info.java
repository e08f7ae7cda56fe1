/**
 * What the store tells the placement driver, and the orders it gets back. Reports are built on the
 * store loop and leave through {@link io.rutile.store.heartbeat.PdGateway}, which never blocks.
 */
@NullMarked
package io.rutile.store.heartbeat;

import org.jspecify.annotations.NullMarked;
