package io.rutile.rpc.server;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Refuses calls while the memory for requests is used up. Stateless but for the quota. */
final class MemoryQuotaInterceptor implements ServerInterceptor {
  private final MemoryQuota quota;

  MemoryQuotaInterceptor(MemoryQuota quota) {
    this.quota = quota;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (quota.usedBytes() >= quota.limitBytes()) {
      call.close(refusal(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    ServerCall.Listener<Q> handler = next.startCall(call, headers);
    return call.getMethodDescriptor().getType() == MethodType.UNARY
        ? new UnaryListener<>(call, handler)
        : handler;
  }

  private Status refusal() {
    return Status.RESOURCE_EXHAUSTED.withDescription(quota.refusal());
  }

  private final class UnaryListener<Q, R> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, R> call;
    private boolean refused;

    UnaryListener(ServerCall<Q, R> call, ServerCall.Listener<Q> handler) {
      super(handler);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (MemoryQuotaTracer.currentCallRefused()) {
        refused = true;
        call.close(refusal(), new Metadata());
        return;
      }
      super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
