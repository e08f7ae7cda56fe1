package io.rutile.client.pd;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.rpc.channel.ChannelPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The region heartbeat stream to the leader, opened again when it breaks. State is guarded by
 * {@code this}.
 */
final class HeartbeatStream implements RegionHeartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatStream.class);
  private static final long RETRY_MILLIS = 200;

  private final ChannelPool channels;
  private final LeaderTracker leaders;
  private final ScheduledExecutorService timer;
  private final RegionHeartbeats.Listener listener;
  private @Nullable Stream stream;
  private boolean closed;

  HeartbeatStream(
      ChannelPool channels,
      LeaderTracker leaders,
      ScheduledExecutorService timer,
      RegionHeartbeats.Listener listener) {
    this.channels = channels;
    this.leaders = leaders;
    this.timer = timer;
    this.listener = listener;
  }

  void open() {
    leaders
        .leader()
        .whenComplete((members, failure) -> {
          if (failure != null || members.leader() == null) {
            retry();
          } else {
            connect(members.clusterId(), members.leader());
          }
        });
  }

  @Override
  public synchronized boolean send(RegionHeartbeatRequest report) {
    Stream open = stream;
    if (open == null || open.requests == null || !open.requests.isReady()) {
      return false;
    }
    open.requests.onNext(
        report.toBuilder()
            .setHeader(RequestHeader.newBuilder().setClusterId(open.clusterId))
            .build());
    return true;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (stream != null && stream.requests != null) {
      stream.requests.cancel("client is closed", null);
    }
    stream = null;
  }

  private synchronized void connect(long clusterId, String leader) {
    if (closed) {
      return;
    }
    Stream opened = new Stream(clusterId, leader);
    stream = opened;
    ClientCalls.asyncBidiStreamingCall(
        channels.channel(leader).newCall(PDGrpc.getRegionHeartbeatMethod(), CallOptions.DEFAULT),
        opened);
  }

  private void retry() {
    if (!timer.isShutdown()) {
      timer.schedule(this::open, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void broken(Stream source, String reason) {
    synchronized (this) {
      if (closed || source != stream) {
        return;
      }
      stream = null;
    }
    LOG.info("region heartbeat stream to {} ended: {}", source.leader, reason);
    leaders.suspect(source.leader);
    retry();
  }

  private final class Stream
      implements ClientResponseObserver<RegionHeartbeatRequest, RegionHeartbeatResponse> {
    final long clusterId;
    final String leader;
    @Nullable ClientCallStreamObserver<RegionHeartbeatRequest> requests;
    private boolean announced;

    Stream(long clusterId, String leader) {
      this.clusterId = clusterId;
      this.leader = leader;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<RegionHeartbeatRequest> requestStream) {
      requests = requestStream;
      requestStream.setOnReadyHandler(this::ready);
    }

    /** The first moment at which messages are taken: there is a connection. */
    private void ready() {
      if (!announced) {
        announced = true;
        listener.onConnected();
      }
    }

    @Override
    public void onNext(RegionHeartbeatResponse response) {
      PdException refused = UnaryCalls.errorOf(response.getHeader());
      if (refused != null) {
        LOG.warn("PD refused a region heartbeat: {}", refused.getMessage());
      } else if (response.getRegionId() != 0) {
        listener.onOrder(response);
      }
    }

    @Override
    public void onError(Throwable failure) {
      broken(this, String.valueOf(failure.getMessage()));
    }

    @Override
    public void onCompleted() {
      broken(this, "completed by PD");
    }
  }
}
