package io.rutile.rpc.server;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.rutile.rpc.tls.PeerNames;
import java.util.Set;
import javax.net.ssl.SSLSession;

/** Refuses calls of peers whose certificate does not name somebody who is admitted. */
final class PeerNameInterceptor implements ServerInterceptor {
  private final Set<String> allowedNames;

  PeerNameInterceptor(Set<String> allowedNames) {
    this.allowedNames = allowedNames;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null || !PeerNames.admitted(session, allowedNames)) {
      call.close(
          Status.PERMISSION_DENIED.withDescription(
              "the certificate's name is not one of those allowed by this server"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, headers);
  }
}
