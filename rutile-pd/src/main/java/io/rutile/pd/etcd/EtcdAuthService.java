package io.rutile.pd.etcd;

import io.grpc.stub.StreamObserver;
import io.rutile.proto.etcdserverpb.AuthGrpc;
import io.rutile.proto.etcdserverpb.AuthStatusRequest;
import io.rutile.proto.etcdserverpb.AuthStatusResponse;
import io.rutile.proto.etcdserverpb.AuthenticateRequest;
import io.rutile.proto.etcdserverpb.AuthenticateResponse;

/** {@code etcdserverpb.Auth}: off, and says so as etcd does. Certificates keep strangers out. */
public final class EtcdAuthService extends AuthGrpc.AuthImplBase {
  private final EtcdNode node;

  public EtcdAuthService(EtcdNode node) {
    this.node = node;
  }

  @Override
  public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> out) {
    EtcdNode.reply(
        out,
        () -> AuthStatusResponse.newBuilder().setHeader(node.header()).setEnabled(false).build());
  }

  @Override
  public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> out) {
    out.onError(EtcdNode.precondition("authentication is not enabled"));
  }
}
