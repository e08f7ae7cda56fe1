/**
 * The gRPC services of a store: requests in, the storage facade behind, responses out.
 *
 * <p>Runs on the transport's event loops, so nothing here blocks: a request is handed to the pools
 * of the storage facade, and its response is written by whoever completes it.
 *
 * <p>Invariant: every request gets exactly one answer, even when what served it failed in a way
 * nobody foresaw.
 */
@NullMarked
package io.rutile.server.service;

import org.jspecify.annotations.NullMarked;
