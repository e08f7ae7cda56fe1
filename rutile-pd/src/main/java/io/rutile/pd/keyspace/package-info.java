/**
 * Keyspaces: named parts of the key space for API V2. Changes are made durable under one lock by
 * virtual threads; reads come from the replicated store. Invariant: a name and an id belong to each
 * other for ever.
 */
@NullMarked
package io.rutile.pd.keyspace;

import org.jspecify.annotations.NullMarked;
