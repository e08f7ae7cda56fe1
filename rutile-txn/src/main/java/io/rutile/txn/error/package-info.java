/**
 * Every way a transactional request can be refused for its keys, and the one mapping of these to
 * the wire. Stateless; any thread.
 */
@NullMarked
package io.rutile.txn.error;

import org.jspecify.annotations.NullMarked;
