/**
 * The configuration file of a store, by TiKV's sections, keys, units and defaults. Owns what the
 * items are called and which of the modules' settings they become; the meaning of each setting is
 * documented where it is used. Values are immutable; {@link io.rutile.server.config.LiveConfig}
 * holds the current one and is safe for use by any thread.
 */
@NullMarked
package io.rutile.server.config;

import org.jspecify.annotations.NullMarked;
