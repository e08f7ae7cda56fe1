/**
 * Rows that are read again and again, kept in the heap in front of the engine, and the marks by
 * which a kept row is known to be current.
 *
 * <p>Owns the kept rows. Any thread reads and offers rows; whoever writes to the engine marks the
 * rows it touches before and after. Invariant: a row that is found was, at some moment during the
 * search, what a read of the engine would have returned.
 */
@NullMarked
package io.rutile.store.rowcache;

import org.jspecify.annotations.NullMarked;
