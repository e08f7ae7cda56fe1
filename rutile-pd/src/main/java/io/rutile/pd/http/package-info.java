/**
 * PD's HTTP API: paths and JSON field names are PD's own. Handlers run on virtual threads, read one
 * published image, or change things by the same calls as the gRPC services.
 */
@NullMarked
package io.rutile.pd.http;

import org.jspecify.annotations.NullMarked;
