/**
 * The running cluster on the PD member that leads.
 *
 * <p>{@code ClusterLoop} owns the mutable map: one thread that takes named commands, builds the
 * next {@code ClusterImage} and publishes it. What must be durable is written first, by the
 * caller's virtual thread under {@code StoreRegistry}'s lock, and then told to the loop.
 */
@NullMarked
package io.rutile.pd.cluster;

import org.jspecify.annotations.NullMarked;
