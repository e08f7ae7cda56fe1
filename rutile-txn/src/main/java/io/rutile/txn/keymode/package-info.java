/**
 * Which keys belong to whom: API versions and the first byte of a key. Stateless; any thread.
 * Invariant: no request reaches data of another mode.
 */
@NullMarked
package io.rutile.txn.keymode;

import org.jspecify.annotations.NullMarked;
