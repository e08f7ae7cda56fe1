/**
 * HTTP/1.1 for status pages and administration: a small router whose handlers run on virtual
 * threads, one request at a time for each connection. Event loops only parse and write.
 */
@NullMarked
package io.rutile.rpc.http;

import org.jspecify.annotations.NullMarked;
