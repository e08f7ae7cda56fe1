package io.rutile.bench.load;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import io.rutile.proto.tikvpb.TikvGrpc;
import java.util.List;

/**
 * One BatchCommands stream, shared by several lanes: a request's id is the lane's number and the
 * slot within the lane, so an answer finds its way without a table. Sending is serialised; answers
 * come on the channel's event loop.
 */
final class BatchStream implements StreamObserver<BatchCommandsResponse> {
  /** Receives what comes over streams. */
  interface Receiver {
    void answered(int lane, int slot, Response response);

    void broken(Throwable cause);
  }

  private static final int SLOT_BITS = 16;

  private final Receiver receiver;
  private final StreamObserver<BatchCommandsRequest> requests;

  BatchStream(ManagedChannel channel, Receiver receiver) {
    this.receiver = receiver;
    this.requests = TikvGrpc.newStub(channel).batchCommands(this);
  }

  static long id(int lane, int slot) {
    return (long) lane << SLOT_BITS | slot;
  }

  /** Sends one frame. */
  void send(List<Request> commands, List<Long> ids) {
    BatchCommandsRequest frame =
        BatchCommandsRequest.newBuilder().addAllRequests(commands).addAllRequestIds(ids).build();
    synchronized (requests) {
      requests.onNext(frame);
    }
  }

  void finish() {
    synchronized (requests) {
      requests.onCompleted();
    }
  }

  @Override
  public void onNext(BatchCommandsResponse frame) {
    int count = frame.getResponsesCount();
    for (int i = 0; i < count; i++) {
      long id = frame.getRequestIds(i);
      receiver.answered(
          (int) (id >>> SLOT_BITS), (int) (id & ((1 << SLOT_BITS) - 1)), frame.getResponses(i));
    }
  }

  @Override
  public void onError(Throwable cause) {
    receiver.broken(cause);
  }

  @Override
  public void onCompleted() {
    receiver.broken(new IllegalStateException("the server ended the stream"));
  }
}
