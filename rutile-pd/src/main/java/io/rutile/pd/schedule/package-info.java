/**
 * Decisions: what should move, and why. Checkers look at one region, schedulers at the whole
 * cluster; both are functions of a {@code ClusterImage} and of the operators under way, and give
 * proposals with a reason. The coordinator, owned by the cluster loop, runs them in turn.
 */
@NullMarked
package io.rutile.pd.schedule;

import org.jspecify.annotations.NullMarked;
