package io.rutile.server.node;

import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.PdException;
import io.rutile.client.pd.RegionHeartbeats;
import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.SplitReason;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.store.heartbeat.PdGateway;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Placement Driver as the store needs it, over the PD client.
 *
 * <p>A region's report that finds no connection is kept, the newest of each region, and sent when
 * there is one: a region reports once a minute, and until PD has heard of its leader no client can
 * find it. When the connection comes back, perhaps to another member, all regions report at once.
 *
 * <p>Safe for use by any thread, except that {@link #onRegionOrders} is called once, before the
 * first report. Closing it ends the heartbeat stream; the client belongs to the caller.
 */
final class ClientPdGateway implements PdGateway, AutoCloseable {
  private final PdClient client;
  private final Map<Long, RegionHeartbeatRequest> unsent = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile @Nullable RegionHeartbeats heartbeats;
  private volatile Runnable reconnected = () -> {};

  ClientPdGateway(PdClient client) {
    this.client = client;
  }

  @Override
  public long clusterId() {
    return client.clusterId();
  }

  @Override
  public CompletionStage<Boolean> isBootstrapped() {
    return client.isBootstrapped();
  }

  @Override
  public CompletionStage<Long> allocId() {
    return client.allocId(1);
  }

  @Override
  public CompletionStage<Boolean> bootstrap(Store store, Region region) {
    return client
        .bootstrap(store, region)
        .handle((response, failure) -> {
          if (failure == null) {
            return true;
          }
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (cause instanceof PdException refusal
              && refusal.kind() == PdException.Kind.ALREADY_BOOTSTRAPPED) {
            return false;
          }
          throw failure instanceof CompletionException completion
              ? completion
              : new CompletionException(failure);
        });
  }

  @Override
  public CompletionStage<Void> putStore(Store store) {
    return client.putStore(store).thenAccept(response -> {});
  }

  @Override
  public CompletionStage<Store> store(long storeId) {
    return client.getStore(storeId);
  }

  @Override
  public CompletionStage<List<Store>> allStores() {
    return client.getAllStores(true);
  }

  @Override
  public CompletionStage<StoreHeartbeatResponse> storeHeartbeat(StoreHeartbeatRequest report) {
    return client.storeHeartbeat(report);
  }

  @Override
  public void regionHeartbeat(RegionHeartbeatRequest report) {
    int before = connections.get();
    if (!send(report)) {
      unsent.put(report.getRegion().getId(), report);
      if (connections.get() != before) {
        sendUnsent(); // connected in the meantime: nobody else would send it
      }
    }
  }

  private boolean send(RegionHeartbeatRequest report) {
    RegionHeartbeats stream = heartbeats;
    return stream != null && stream.send(report);
  }

  private void sendUnsent() {
    for (Long region : unsent.keySet()) {
      RegionHeartbeatRequest report = unsent.remove(region);
      if (report != null && !send(report)) {
        unsent.putIfAbsent(region, report);
      }
    }
  }

  @Override
  public void onReconnected(Runnable listener) {
    reconnected = listener;
  }

  @Override
  public void onRegionOrders(Consumer<RegionHeartbeatResponse> listener) {
    heartbeats =
        client.regionHeartbeats(
            new RegionHeartbeats.Listener() {
              @Override
              public void onOrder(RegionHeartbeatResponse order) {
                listener.accept(order);
              }

              @Override
              public void onConnected() {
                int before = connections.getAndIncrement();
                sendUnsent();
                if (before > 0) {
                  reconnected.run();
                }
              }
            });
  }

  @Override
  public CompletionStage<List<SplitID>> askBatchSplit(
      Region region, int count, SplitReason reason) {
    return client.askBatchSplit(region, count, reason);
  }

  @Override
  public CompletionStage<Void> reportBatchSplit(List<Region> regions) {
    return client.reportBatchSplit(regions);
  }

  @Override
  public CompletionStage<Optional<Region>> regionById(long regionId) {
    return client.getRegionById(regionId).thenApply(found -> found.map(RegionInfo::region));
  }

  @Override
  public CompletionStage<Long> tso() {
    return client.tso();
  }

  @Override
  public void close() {
    RegionHeartbeats stream = heartbeats;
    if (stream != null) {
      stream.close();
    }
  }
}
