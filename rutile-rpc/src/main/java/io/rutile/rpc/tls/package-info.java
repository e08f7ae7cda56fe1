/** TLS contexts made of PEM files that are read again when they change. */
@NullMarked
package io.rutile.rpc.tls;

import org.jspecify.annotations.NullMarked;
