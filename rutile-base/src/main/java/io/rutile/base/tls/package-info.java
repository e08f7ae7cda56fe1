/** Where the certificates of a server are; the TLS engine itself belongs to the RPC module. */
@NullMarked
package io.rutile.base.tls;

import org.jspecify.annotations.NullMarked;
