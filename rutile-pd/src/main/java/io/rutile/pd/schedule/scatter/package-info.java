/** Spreading chosen regions over all stores. Owned by the cluster loop. */
@NullMarked
package io.rutile.pd.schedule.scatter;

import org.jspecify.annotations.NullMarked;
