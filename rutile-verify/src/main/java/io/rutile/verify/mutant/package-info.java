/**
 * Planted faults: production classes with one method changed, loaded beside the real ones, to test
 * the tests.
 *
 * <p>The faults are made in bytecode when the classes are loaded, so that production code has no
 * switch for them. Each loader is used by one thread.
 */
@NullMarked
package io.rutile.verify.mutant;

import org.jspecify.annotations.NullMarked;
