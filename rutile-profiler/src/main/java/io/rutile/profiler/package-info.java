/**
 * CPU profiles of the running JVM, usable by any Java program on its own.
 *
 * <p>Owns the one profiler that a process can have. Any thread may start a profile; while one runs,
 * a second start is refused.
 */
@NullMarked
package io.rutile.profiler;

import org.jspecify.annotations.NullMarked;
