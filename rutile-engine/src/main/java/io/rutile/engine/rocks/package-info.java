/**
 * The data engine on RocksDB; nothing outside this package knows that library.
 *
 * <p>Threads: every class is safe for use by any thread unless it says that one thread owns it; the
 * calls block and pin the carrier of a virtual thread. Invariant: no native object is touched after
 * it was freed, because each use passes its owner's {@link io.rutile.engine.handle.UseGate}.
 */
@NullMarked
package io.rutile.engine.rocks;

import org.jspecify.annotations.NullMarked;
