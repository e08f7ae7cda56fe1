package io.rutile.pd.schedule.operator;

import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;

/** Sends an order to a region's leader; it may get lost. */
@FunctionalInterface
public interface OrderSender {
  void send(RegionInfo region, RegionHeartbeatResponse.Builder order);
}
