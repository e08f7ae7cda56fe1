/**
 * The gRPC services of PD: decode, check the caller's header, call one method of the session,
 * encode. Handlers run on virtual threads and may wait; what needs the cluster loop goes there as a
 * command.
 */
@NullMarked
package io.rutile.pd.service;

import org.jspecify.annotations.NullMarked;
