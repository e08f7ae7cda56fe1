/**
 * The only place that reads clocks, sleeps, schedules or draws random numbers, so that a simulation
 * can own time.
 */
@NullMarked
package io.rutile.base.clock;

import org.jspecify.annotations.NullMarked;
