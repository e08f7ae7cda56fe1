package io.rutile.pd.service;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A stream of requests that is answered once, when the client has said all. */
final class SinkCall<Q, R> implements StreamObserver<Q> {
  private final StreamObserver<R> out;
  private final Consumer<Q> call;
  private final Supplier<R> last;
  private boolean ended;

  SinkCall(StreamObserver<R> out, Consumer<Q> call, Supplier<R> last) {
    this.out = out;
    this.call = call;
    this.last = last;
  }

  @Override
  public void onNext(Q request) {
    if (ended) {
      return;
    }
    try {
      call.accept(request);
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
      out.onNext(last.get());
      out.onCompleted();
    }
  }
}
