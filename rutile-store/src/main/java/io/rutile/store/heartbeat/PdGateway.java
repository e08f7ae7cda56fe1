package io.rutile.store.heartbeat;

import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.SplitReason;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The placement driver as a store needs it. No method blocks; stages complete on any thread and
 * fail with a {@link io.rutile.base.error.RutileException} after the implementation's own retries.
 * Request headers are filled by the implementation.
 */
public interface PdGateway {
  long clusterId();

  CompletionStage<Boolean> isBootstrapped();

  /** One new id, unique in the cluster. */
  CompletionStage<Long> allocId();

  /**
   * Offers the first store and region.
   *
   * @return false when the cluster was bootstrapped before
   */
  CompletionStage<Boolean> bootstrap(Store store, Region region);

  CompletionStage<Void> putStore(Store store);

  /** The store's metadata; tombstones included. */
  CompletionStage<Store> store(long storeId);

  /** All stores that are not tombstones. */
  CompletionStage<List<Store>> allStores();

  CompletionStage<StoreHeartbeatResponse> storeHeartbeat(StoreHeartbeatRequest report);

  /** Queues a region's report; lost while there is no stream, which then asks for reports anew. */
  void regionHeartbeat(RegionHeartbeatRequest report);

  /** Where orders to regions of this store go; called once, before the first report. */
  void onRegionOrders(Consumer<RegionHeartbeatResponse> listener);

  /**
   * Runs {@code listener} whenever the stream of reports comes back after it broke: who reads them
   * now may not have heard the earlier ones. Called once, before {@link #onRegionOrders}.
   */
  void onReconnected(Runnable listener);

  CompletionStage<List<SplitID>> askBatchSplit(Region region, int count, SplitReason reason);

  CompletionStage<Void> reportBatchSplit(List<Region> regions);

  /** The region as the placement driver knows it. */
  CompletionStage<Optional<Region>> regionById(long regionId);

  /** One timestamp of the oracle. */
  CompletionStage<Long> tso();
}
