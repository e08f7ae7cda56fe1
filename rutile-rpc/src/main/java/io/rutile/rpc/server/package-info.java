/** gRPC and HTTP servers on one port. Event loops parse and write, and never block. */
@NullMarked
package io.rutile.rpc.server;

import org.jspecify.annotations.NullMarked;
