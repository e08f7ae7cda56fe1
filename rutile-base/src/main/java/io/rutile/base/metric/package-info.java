/**
 * Metrics under TiKV's exact names. A registry is passed in, never global. Values are updated by
 * any thread with one atomic add; labels are looked up once and the child is kept by the caller.
 */
@NullMarked
package io.rutile.base.metric;

import org.jspecify.annotations.NullMarked;
