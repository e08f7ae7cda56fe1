/** Keys and byte strings: unsigned order, key ranges, printable forms. Stateless. */
@NullMarked
package io.rutile.base.bytes;

import org.jspecify.annotations.NullMarked;
