/**
 * The records that transactions leave in the lock and write families, byte for byte as TiKV writes
 * them. Everything here is immutable or owned by one caller; nothing does I/O.
 *
 * <p>Invariant: decoding what {@code encode} produced gives an equal record, and fields are emitted
 * in the one order that decoders, which stop at the first unknown field, rely on.
 */
@NullMarked
package io.rutile.txn.record;

import org.jspecify.annotations.NullMarked;
