package io.rutile.server.service;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.deadlock.DeadlockGrpc;
import io.rutile.proto.deadlock.DeadlockRequest;
import io.rutile.proto.deadlock.DeadlockResponse;
import io.rutile.proto.deadlock.WaitForEntriesRequest;
import io.rutile.proto.deadlock.WaitForEntriesResponse;
import io.rutile.txn.deadlock.DeadlockDetector;
import io.rutile.txn.lockwait.LockManager;

/**
 * What other stores report to the store that leads the first region. A stream that reports to a
 * store which does not is ended, so that the reporter looks for the right one.
 */
final class DeadlockService extends DeadlockGrpc.DeadlockImplBase {
  private final DeadlockDetector detector;
  private final LockManager locks;

  DeadlockService(DeadlockDetector detector, LockManager locks) {
    this.detector = detector;
    this.locks = locks;
  }

  @Override
  public void getWaitForEntries(
      WaitForEntriesRequest request, StreamObserver<WaitForEntriesResponse> call) {
    call.onNext(WaitForEntriesResponse.newBuilder().addAllEntries(locks.waits()).build());
    call.onCompleted();
  }

  @Override
  public StreamObserver<DeadlockRequest> detect(StreamObserver<DeadlockResponse> call) {
    return new StreamObserver<>() {
      private boolean ended;

      @Override
      public void onNext(DeadlockRequest request) {
        if (ended) {
          return;
        }
        if (detector.isLeader()) {
          detector.handle(request).ifPresent(call::onNext);
        } else {
          ended = true;
          call.onError(
              Status.FAILED_PRECONDITION
                  .withDescription("this store does not lead the first region")
                  .asRuntimeException());
        }
      }

      @Override
      public void onError(Throwable failure) {
        ended = true;
      }

      @Override
      public void onCompleted() {
        if (!ended) {
          ended = true;
          call.onCompleted();
        }
      }
    };
  }
}
