/**
 * The status port of a store: what operators, dashboards and Prometheus ask over HTTP.
 *
 * <p>Handlers run on virtual threads and may block. They read images that others publish and own
 * nothing but the one profile that may be running.
 */
@NullMarked
package io.rutile.server.status;

import org.jspecify.annotations.NullMarked;
