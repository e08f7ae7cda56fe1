package io.rutile.pd.heartbeat;

import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.Error;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The heartbeat stream bound for each store. A store that reconnects rebinds; the old stream gets
 * nothing more. An order that cannot be sent is dropped: the operator that made it sends it again.
 */
public final class HeartbeatStreams implements AutoCloseable {
  private final long clusterId;
  private final Map<Long, OrderSink> sinks = new ConcurrentHashMap<>();
  private volatile boolean closed;

  public HeartbeatStreams(long clusterId) {
    this.clusterId = clusterId;
  }

  public void bind(long storeId, OrderSink sink) {
    sinks.put(storeId, sink);
    if (closed) {
      close();
    }
  }

  /**
   * Ends all streams, since the leadership is over: the new leader knows the leaders of regions
   * only from the reports that stores send when they connect.
   */
  @Override
  public void close() {
    closed = true;
    for (OrderSink sink : List.copyOf(sinks.values())) {
      sink.leadershipEnded();
    }
    sinks.clear();
  }

  /** Forgets {@code sink} wherever it is bound. */
  public void unbind(OrderSink sink) {
    sinks.values().removeIf(bound -> bound == sink);
  }

  /**
   * Sends an order to the region's leader. Whether it went out.
   *
   * @param order carries the step; header, region, epoch and target are filled in here
   */
  public boolean send(Region region, Peer leader, RegionHeartbeatResponse.Builder order) {
    OrderSink sink = sinks.get(leader.getStoreId());
    return sink != null
        && sink.offer(
            order
                .setHeader(header())
                .setRegionId(region.getId())
                .setRegionEpoch(region.getRegionEpoch())
                .setTargetPeer(leader)
                .build());
  }

  /** Tells the sender of a report why it was refused. */
  public void sendError(OrderSink sink, Peer target, String message) {
    sink.offer(
        RegionHeartbeatResponse.newBuilder()
            .setHeader(
                header()
                    .setError(Error.newBuilder().setType(ErrorType.UNKNOWN).setMessage(message)))
            .setTargetPeer(target)
            .build());
  }

  /** An empty message to every bound store, so that a broken stream is noticed. */
  public void keepAlive() {
    for (Map.Entry<Long, OrderSink> bound : sinks.entrySet()) {
      if (!bound
          .getValue()
          .offer(RegionHeartbeatResponse.newBuilder().setHeader(header()).build())) {
        sinks.remove(bound.getKey(), bound.getValue());
      }
    }
  }

  private ResponseHeader.Builder header() {
    return ResponseHeader.newBuilder().setClusterId(clusterId);
  }
}
