/** Which stores may give or take a peer or a leader now. Stateless. */
@NullMarked
package io.rutile.pd.schedule.filter;

import org.jspecify.annotations.NullMarked;
