/**
 * The members of PD: who they are, who leads, and the life of a leadership on this one. One virtual
 * thread starts and ends leaderships, in order; everyone else reads the session it published.
 */
@NullMarked
package io.rutile.pd.member;

import org.jspecify.annotations.NullMarked;
