/** Help for the tests of all modules, published as the test jar of this one. */
@NullMarked
package io.rutile.base.testing;

import org.jspecify.annotations.NullMarked;
