package io.rutile.pd.service;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;

/** Whether the caller takes an answer from a member that does not lead. */
final class FollowerReads {
  static final Metadata.Key<String> ALLOW =
      Metadata.Key.of("pd-allow-follower-handle", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Boolean> ALLOWED = Context.key("pd-allow-follower-handle");

  private FollowerReads() {}

  /** Serves the call here, with what its metadata allows. */
  static <Q, R> ServerCall.Listener<Q> start(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return headers.containsKey(ALLOW)
        ? Contexts.interceptCall(Context.current().withValue(ALLOWED, true), call, headers, next)
        : next.startCall(call, headers);
  }

  /** For the call that runs in this thread. */
  static boolean allowed() {
    return Boolean.TRUE.equals(ALLOWED.get());
  }
}
