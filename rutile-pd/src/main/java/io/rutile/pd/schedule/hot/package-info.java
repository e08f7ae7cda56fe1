/**
 * Traffic: which peers are hot and what stores carry, as sliding windows over the latest
 * heartbeats. Everything mutable here is owned by the cluster loop; {@code Load} and {@code
 * HotPeer} are immutable values.
 */
@NullMarked
package io.rutile.pd.schedule.hot;

import org.jspecify.annotations.NullMarked;
