/**
 * Raw and transactional client: a cache of regions, requests that are repeated on region errors,
 * and the client's half of the Percolator protocol. The API is synchronous and meant for virtual
 * threads. Clients are safe for use by any thread; a {@link io.rutile.client.kv.Transaction}
 * belongs to one thread at a time.
 */
@NullMarked
package io.rutile.client.kv;

import org.jspecify.annotations.NullMarked;
