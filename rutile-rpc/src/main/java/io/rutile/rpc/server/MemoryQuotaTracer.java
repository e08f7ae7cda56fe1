package io.rutile.rpc.server;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of one unary call from the arrival of its message until the call ends. Sizes
 * come from the framing, so no message is measured twice. Owned by the call; gRPC may end the call
 * from another thread, hence the atomic.
 */
final class MemoryQuotaTracer extends ServerStreamTracer {
  private static final Context.Key<MemoryQuotaTracer> KEY = Context.key("rutile-memory-quota");

  private static final long ENDED = -1;

  private final MemoryQuota quota;
  private final AtomicLong held = new AtomicLong();
  private volatile boolean unary;
  private volatile boolean refused;

  private MemoryQuotaTracer(MemoryQuota quota) {
    this.quota = quota;
  }

  static ServerStreamTracer.Factory factory(MemoryQuota quota) {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new MemoryQuotaTracer(quota);
      }
    };
  }

  /** Whether the current call's message did not fit any more. */
  static boolean currentCallRefused() {
    MemoryQuotaTracer tracer = KEY.get();
    return tracer != null && tracer.refused;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void serverCallStarted(ServerCallInfo<?, ?> call) {
    unary = call.getMethodDescriptor().getType() == MethodType.UNARY;
  }

  @Override
  public void inboundUncompressedSize(long bytes) {
    if (!unary) {
      return;
    }
    if (!quota.tryAcquire(bytes)) {
      refused = true;
      return;
    }
    long before = held.getAndUpdate(now -> now == ENDED ? ENDED : now + bytes);
    if (before == ENDED) {
      quota.release(bytes);
    }
  }

  @Override
  public void streamClosed(Status status) {
    long bytes = held.getAndSet(ENDED);
    if (bytes > 0) {
      quota.release(bytes);
    }
  }
}
