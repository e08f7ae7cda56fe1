package io.rutile.pd.service;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * A two-way stream in which each request gets one response, in order; a request that fails ends it.
 * gRPC calls the methods one at a time.
 */
public final class EachCall<Q, R> implements StreamObserver<Q> {
  private final StreamObserver<R> out;
  private final Function<Q, R> call;
  private final Function<RuntimeException, StatusRuntimeException> status;
  private boolean ended;

  /**
   * @param status what a failure is on the wire
   */
  public EachCall(
      StreamObserver<R> out,
      Function<Q, R> call,
      Function<RuntimeException, StatusRuntimeException> status) {
    this.out = out;
    this.call = call;
    this.status = status;
  }

  @Override
  public void onNext(Q request) {
    if (ended) {
      return;
    }
    try {
      out.onNext(call.apply(request));
    } catch (RuntimeException e) {
      ended = true;
      out.onError(status.apply(e));
    }
  }

  @Override
  public void onError(Throwable cause) {
    ended = true;
  }

  @Override
  public void onCompleted() {
    if (!ended) {
      ended = true;
      out.onCompleted();
    }
  }
}
