/**
 * Cluster-wide unique ids. Guarded by one lock, held while a block of ids is made durable; callers
 * are virtual threads. Invariant: an id below the durable end is given at most once.
 */
@NullMarked
package io.rutile.pd.id;

import org.jspecify.annotations.NullMarked;
