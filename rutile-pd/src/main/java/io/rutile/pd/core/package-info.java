/**
 * The map of the cluster: regions by key and by id, stores, and what is known of their load.
 *
 * <p>The values here are immutable: the cluster loop builds a new {@code ClusterImage} out of the
 * last one, sharing almost all of it, and publishes it by one volatile write; every other thread
 * reads images. Invariant: the regions of one image do not overlap.
 */
@NullMarked
package io.rutile.pd.core;

import org.jspecify.annotations.NullMarked;
