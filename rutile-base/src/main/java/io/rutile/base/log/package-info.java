/**
 * The log: TiKV's line format or JSON, to a file that rotates by size or to standard error. Owns
 * the logging backend of a Rutile process; everything else logs through slf4j. A process calls
 * {@link io.rutile.base.log.Logging#start} once; libraries never do.
 */
@NullMarked
package io.rutile.base.log;

import org.jspecify.annotations.NullMarked;
