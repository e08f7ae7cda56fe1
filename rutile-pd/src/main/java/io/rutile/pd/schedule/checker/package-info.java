/** Checkers: what one region lacks. Functions of the image, called by the cluster loop. */
@NullMarked
package io.rutile.pd.schedule.checker;

import org.jspecify.annotations.NullMarked;
