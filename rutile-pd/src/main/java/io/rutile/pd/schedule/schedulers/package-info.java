/** Schedulers: what the cluster as a whole should even out. Called by the cluster loop. */
@NullMarked
package io.rutile.pd.schedule.schedulers;

import org.jspecify.annotations.NullMarked;
