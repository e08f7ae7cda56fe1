package io.rutile.pd.service;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.tso.TimestampOracle;
import io.rutile.proto.pdpb.Timestamp;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import java.util.concurrent.locks.LockSupport;

/**
 * One timestamp stream: one response for each request, in order; when the client has said all, the
 * stream ends with OK after the last response. gRPC calls the methods one at a time.
 */
final class TsoCall implements StreamObserver<TsoRequest> {
  /** Times to ask again when the window is used up. */
  private static final int MAX_TRIES = 10;

  private static final long RETRY_NANOS = 50_000_000L;

  private final Gate gate;
  private final StreamObserver<TsoResponse> out;
  private boolean ended;

  TsoCall(Gate gate, StreamObserver<TsoResponse> out) {
    this.gate = gate;
    this.out = out;
  }

  @Override
  public void onNext(TsoRequest request) {
    if (ended) {
      return;
    }
    try {
      LeaderSession session = gate.session(request.getHeader());
      long last = allocate(session.oracle(), Integer.toUnsignedLong(request.getCount()));
      out.onNext(
          TsoResponse.newBuilder()
              .setHeader(gate.header())
              .setCount(request.getCount())
              .setTimestamp(timestamp(last))
              .build());
    } catch (RuntimeException e) {
      ended = true;
      out.onError(Gate.status(e));
    }
  }

  static Timestamp timestamp(long composed) {
    return Timestamp.newBuilder()
        .setPhysical(TimestampOracle.physical(composed))
        .setLogical(TimestampOracle.logical(composed))
        .build();
  }

  /** The last of {@code count} new timestamps; waits for the window when it is used up. */
  static long allocate(TimestampOracle oracle, long count) {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      long last = oracle.allocate(count);
      if (last != TimestampOracle.RETRY) {
        return last;
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
    throw Status.UNKNOWN
        .withDescription("generate tso failed, maximum number of retries exceeded")
        .asRuntimeException();
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
