/**
 * Multi-raft: the regions of one store, replicated. {@link io.rutile.store.Store} is what the
 * layers above see; {@link io.rutile.store.StoreOptions} is everything a store is given.
 */
@NullMarked
package io.rutile.store;

import org.jspecify.annotations.NullMarked;
