/**
 * Lifetime of resources that several threads use and one closes. Any thread may call; invariant: a
 * resource is freed once, and only when nobody is inside.
 */
@NullMarked
package io.rutile.engine.handle;

import org.jspecify.annotations.NullMarked;
