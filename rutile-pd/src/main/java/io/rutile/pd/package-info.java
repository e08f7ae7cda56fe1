/**
 * The Placement Driver of a cluster: clock, map and scheduler. This package is its composition
 * root; everything of substance lives in the packages below.
 */
@NullMarked
package io.rutile.pd;

import org.jspecify.annotations.NullMarked;
