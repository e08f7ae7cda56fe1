/**
 * Byte-exact codecs of the storage formats: memory-comparable bytes, numbers, encoded keys.
 * Stateless.
 */
@NullMarked
package io.rutile.base.codec;

import org.jspecify.annotations.NullMarked;
