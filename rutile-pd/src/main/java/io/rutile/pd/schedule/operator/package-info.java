/**
 * Operators: what is to be done to one region, as steps that its leader is asked to take one after
 * the other. Mutable operators and their controller are owned by the cluster loop; steps are
 * immutable. Invariant: a region has at most one operator under way.
 */
@NullMarked
package io.rutile.pd.schedule.operator;

import org.jspecify.annotations.NullMarked;
