/**
 * Where peers of a region belong: placement rules, the fit of a region to them, and labels of key
 * ranges. {@code RuleSet} and {@code RegionLabels} are immutable images that any thread reads;
 * {@code PlacementRules} and {@code RegionLabeler} change them, durably first, one change at a time
 * on virtual threads. Invariant: in every key range that a rule set covers, some rule asks for a
 * voter or a leader.
 */
@NullMarked
package io.rutile.pd.schedule.placement;

import org.jspecify.annotations.NullMarked;
