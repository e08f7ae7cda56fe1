package io.rutile.pd.service;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.Cluster;
import io.rutile.pd.cluster.ClusterCommand;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.cluster.StoreRegistry;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.heartbeat.HeartbeatStreams;
import io.rutile.pd.heartbeat.OrderSink;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import org.jspecify.annotations.Nullable;

/**
 * One store's heartbeat stream. Reports go to the cluster loop; the stream is the way back for
 * orders. At most {@link #WINDOW} reports of a stream wait in the loop: each one handled asks for
 * one more.
 */
final class RegionHeartbeatCall implements StreamObserver<RegionHeartbeatRequest>, OrderSink {
  private static final int WINDOW = 256;

  private final Gate gate;
  private final ServerCallStreamObserver<RegionHeartbeatResponse> out;
  private @Nullable HeartbeatStreams bound;
  private boolean ended;

  RegionHeartbeatCall(Gate gate, StreamObserver<RegionHeartbeatResponse> observer) {
    this.gate = gate;
    this.out = (ServerCallStreamObserver<RegionHeartbeatResponse>) observer;
    out.disableAutoRequest();
    out.setOnCancelHandler(this::unbind);
    out.request(WINDOW);
  }

  @Override
  public void onNext(RegionHeartbeatRequest request) {
    try {
      LeaderSession session = gate.session(request.getHeader());
      if (!session.isBootstrapped()) {
        end(
            RegionHeartbeatResponse.newBuilder()
                .setHeader(
                    Gate.error(
                        session.clusterId(),
                        ErrorType.NOT_BOOTSTRAPPED,
                        "cluster is not bootstrapped"))
                .build());
        return;
      }
      accept(session.cluster(), request);
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void accept(Cluster cluster, RegionHeartbeatRequest request) {
    long storeId = request.getLeader().getStoreId();
    StoreInfo store = cluster.image().store(storeId);
    if (store == null) {
      throw Status.UNKNOWN
          .withDescription(StoreRegistry.notFound(storeId).getMessage())
          .asRuntimeException();
    }
    if (store.isRemoved()) {
      out.request(1);
      return;
    }
    bound = cluster.streams();
    cluster.streams().bind(storeId, this);
    cluster.loop().offer(new ClusterCommand.RegionReport(request, this, () -> out.request(1)));
  }

  private synchronized void end(RegionHeartbeatResponse last) {
    if (!ended) {
      ended = true;
      out.onNext(last);
      out.onCompleted();
    }
  }

  private synchronized void fail(RuntimeException cause) {
    unbind();
    if (!ended) {
      ended = true;
      out.onError(Gate.status(cause));
    }
  }

  private void unbind() {
    HeartbeatStreams streams = bound;
    if (streams != null) {
      streams.unbind(this);
    }
  }

  @Override
  public synchronized boolean offer(RegionHeartbeatResponse order) {
    if (ended || out.isCancelled() || !out.isReady()) {
      return false;
    }
    out.onNext(order);
    return true;
  }

  @Override
  public void leadershipEnded() {
    fail(Gate.notLeader());
  }

  @Override
  public synchronized void onError(Throwable cause) {
    ended = true;
    unbind();
  }

  @Override
  public synchronized void onCompleted() {
    unbind();
    if (!ended) {
      ended = true;
      out.onCompleted();
    }
  }
}
