package io.rutile.pd.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.base.clock.Timers;
import io.rutile.proto.etcdserverpb.WatchGrpc;
import io.rutile.proto.etcdserverpb.WatchRequest;
import io.rutile.proto.etcdserverpb.WatchResponse;

/** The service {@code etcdserverpb.Watch}: one {@link WatchStream} for each call. */
public final class EtcdWatchService extends WatchGrpc.WatchImplBase {
  private final EtcdNode node;
  private final Timers timers;

  /**
   * @param timers for what is told to watches on which nothing happens
   */
  public EtcdWatchService(EtcdNode node, Timers timers) {
    this.node = node;
    this.timers = timers;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
    return new WatchStream(node, timers, (ServerCallStreamObserver<WatchResponse>) out);
  }
}
