package io.rutile.pd.peer;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.meta.RaftMetaStore;
import io.rutile.proto.pdmetapb.PdPeerGrpc;
import io.rutile.proto.pdmetapb.PeerAck;
import io.rutile.proto.pdmetapb.PeerFrame;
import io.rutile.proto.pdmetapb.PublishRequest;

/** What other members send. Never blocks: everything is handed to the store's thread. */
public final class PeerService extends PdPeerGrpc.PdPeerImplBase {
  private final RaftMetaStore store;
  private final long groupId;

  public PeerService(RaftMetaStore store, long groupId) {
    this.store = store;
    this.groupId = groupId;
  }

  @Override
  public StreamObserver<PeerFrame> send(StreamObserver<PeerAck> out) {
    return new Frames(out);
  }

  @Override
  public void install(PeerFrame frame, StreamObserver<PeerAck> out) {
    if (refuses(frame.getGroupId(), out)) {
      return;
    }
    frame.getMessagesList().forEach(store::step);
    acknowledge(out);
  }

  @Override
  public void publish(PublishRequest request, StreamObserver<PeerAck> out) {
    if (refuses(request.getGroupId(), out)) {
      return;
    }
    store
        .updateMember(request.getMember())
        .whenComplete((done, failure) -> {
          if (failure == null) {
            acknowledge(out);
          } else {
            out.onError(
                Status.UNAVAILABLE.withDescription(failure.getMessage()).asRuntimeException());
          }
        });
  }

  private boolean refuses(long senderGroup, StreamObserver<PeerAck> out) {
    if (senderGroup == groupId) {
      return false;
    }
    out.onError(
        Status.FAILED_PRECONDITION
            .withDescription(
                "cluster ID mismatch: this member belongs to group "
                    + Long.toHexString(groupId)
                    + ", the sender to "
                    + Long.toHexString(senderGroup))
            .asRuntimeException());
    return true;
  }

  private static void acknowledge(StreamObserver<PeerAck> out) {
    out.onNext(PeerAck.getDefaultInstance());
    out.onCompleted();
  }

  private final class Frames implements StreamObserver<PeerFrame> {
    private final StreamObserver<PeerAck> out;
    private boolean ended;

    Frames(StreamObserver<PeerAck> out) {
      this.out = out;
    }

    @Override
    public void onNext(PeerFrame frame) {
      if (ended) {
        return;
      }
      if (refuses(frame.getGroupId(), out)) {
        ended = true;
        return;
      }
      frame.getMessagesList().forEach(store::step);
    }

    @Override
    public void onError(Throwable cause) {
      ended = true;
    }

    @Override
    public void onCompleted() {
      if (!ended) {
        ended = true;
        acknowledge(out);
      }
    }
  }
}
