/**
 * The load tool behind {@code rutile bench}: closed-loop load on a cluster and, in the same call,
 * on two limits (a bare gRPC echo of the same messages, a bare storage engine), so that results can
 * be read as ratios on any machine.
 *
 * <p>Threads: lanes run on the channels' event loops and never block; the engine limit has a thread
 * for each request in flight. It measures the real world, so it reads the real clock.
 */
@NullMarked
package io.rutile.bench.load;

import org.jspecify.annotations.NullMarked;
