/** Event loops, with the fastest transport of the machine. */
@NullMarked
package io.rutile.rpc.netty;

import org.jspecify.annotations.NullMarked;
