package io.rutile.pd.service;

import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** A two-way stream in which each request gets one response, in order. */
final class EachCall<Q, R> implements StreamObserver<Q> {
  private final StreamObserver<R> out;
  private final Function<Q, R> call;
  private boolean ended;

  EachCall(StreamObserver<R> out, Function<Q, R> call) {
    this.out = out;
    this.call = call;
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
      out.onError(Gate.status(e));
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
