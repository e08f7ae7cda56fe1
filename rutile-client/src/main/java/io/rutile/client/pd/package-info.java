/**
 * Client of the Placement Driver. The connection state is owned by {@code PdConnection} under its
 * lock; timestamps are batched by {@code TsoStream}. Every method may be called by any thread and
 * none of them blocks: completions run on an RPC thread and must not block either.
 */
@NullMarked
package io.rutile.client.pd;

import org.jspecify.annotations.NullMarked;
