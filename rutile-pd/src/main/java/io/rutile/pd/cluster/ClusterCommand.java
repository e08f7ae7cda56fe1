package io.rutile.pd.cluster;

import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.heartbeat.OrderSink;
import io.rutile.proto.metapb.Buckets;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.StoreStats;
import java.util.function.UnaryOperator;

/** What other threads ask of the cluster loop. */
public sealed interface ClusterCommand {
  /**
   * A region's leader reports. May be lost with the loop: the next report repeats it.
   *
   * @param sink where an error goes
   * @param handled called once the report was taken in, so that the stream may bring more
   */
  record RegionReport(RegionHeartbeatRequest request, OrderSink sink, Runnable handled)
      implements ClusterCommand {}

  /** A store reports. May be lost: the next report repeats it. */
  record StoreReport(StoreStats stats, long wallNanos) implements ClusterCommand {}

  /** A store registered or its durable metadata changed. Follows the durable write. */
  record StorePut(StoreInfo store) implements ClusterCommand {}

  /** A store's state changes; nothing happens when it is unknown. */
  record StoreUpdate(long storeId, UnaryOperator<StoreInfo> change) implements ClusterCommand {}

  /** A removed store's record is gone. Follows the durable write. */
  record StoreForget(long storeId) implements ClusterCommand {}

  /** Settings changed. Follows the durable write. */
  record ConfigChange(PdConfig config) implements ClusterCommand {}

  /** Buckets of a region. May be lost. */
  record BucketsReport(Buckets buckets) implements ClusterCommand {}

  /**
   * Work for the scheduling side that needs the loop's thread.
   *
   * @param abandoned called instead when the loop ends first
   */
  record Call(Runnable work, Runnable abandoned) implements ClusterCommand {}
}
