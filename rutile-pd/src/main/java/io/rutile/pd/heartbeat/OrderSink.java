package io.rutile.pd.heartbeat;

import io.rutile.proto.pdpb.RegionHeartbeatResponse;

/** Where orders to a store go: the response side of its heartbeat stream. */
public interface OrderSink {
  /** Sends without blocking. Returns false when the stream is closed or does not keep up. */
  boolean offer(RegionHeartbeatResponse order);

  /** This member leads no more: the store should look for the new leader at once. */
  default void leadershipEnded() {}
}
