package io.rutile.store.testing;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.SplitReason;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.store.heartbeat.PdGateway;
import io.rutile.store.meta.Epochs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A placement driver that answers at once and gives the orders that a test asks for. One for a
 * cluster; each store has a {@link #gateway} of its own, to be used after the store before has
 * opened. Questions and reports may come from any thread.
 */
public final class SimPd {
  private static final long CLUSTER_ID = 7;

  private final Clock clock;
  private final Map<Long, Store> stores = new ConcurrentSkipListMap<>();
  private final Map<Long, RegionHeartbeatRequest> reports = new ConcurrentSkipListMap<>();
  private final Map<Long, Consumer<RegionHeartbeatResponse>> listeners =
      new ConcurrentSkipListMap<>();
  private long nextId = 1;
  private long lastTs;
  private boolean bootstrapped;

  public SimPd(Clock clock) {
    this.clock = clock;
  }

  public PdGateway gateway() {
    return new Gateway();
  }

  public synchronized long allocId() {
    return nextId++;
  }

  /** A timestamp above all before. */
  public synchronized long timestamp() {
    lastTs = Math.max(lastTs + 1, TimeStamp.compose(clock.wallMillis(), 0));
    return lastTs;
  }

  /** Says from now on that the store is in this state. */
  public synchronized void setState(long storeId, StoreState state) {
    stores.computeIfPresent(storeId, (id, store) -> store.toBuilder().setState(state).build());
  }

  /** The newest report of the region's leader. */
  public synchronized @Nullable RegionHeartbeatRequest report(long regionId) {
    return reports.get(regionId);
  }

  /** All regions as their leaders reported them, by id. */
  public synchronized List<RegionHeartbeatRequest> reports() {
    return new ArrayList<>(reports.values());
  }

  /** The region that holds {@code key}, with its leader, as last reported. */
  public synchronized @Nullable RegionHeartbeatRequest locate(byte[] key) {
    RegionHeartbeatRequest found = null;
    for (RegionHeartbeatRequest report : reports.values()) {
      Region region = report.getRegion();
      if (Bytes.inRange(key, region.getStartKey().toByteArray(), region.getEndKey().toByteArray())
          && (found == null
              || region.getRegionEpoch().getVersion()
                  > found.getRegion().getRegionEpoch().getVersion())) {
        found = report;
      }
    }
    return found;
  }

  /** Sends an order to the region's leader, with the epoch that it reported last. */
  public void order(long regionId, RegionHeartbeatResponse.Builder order) {
    RegionHeartbeatRequest report = reports.get(regionId);
    if (report == null) {
      return;
    }
    Peer leader = report.getLeader();
    Consumer<RegionHeartbeatResponse> listener = listeners.get(leader.getStoreId());
    if (listener != null) {
      listener.accept(
          order
              .setRegionId(regionId)
              .setRegionEpoch(report.getRegion().getRegionEpoch())
              .setTargetPeer(leader)
              .build());
    }
  }

  /**
   * Takes in a report unless a newer one is known: a leader that has just begun may not have
   * applied yet what changed the region last.
   */
  private synchronized void take(RegionHeartbeatRequest report) {
    RegionHeartbeatRequest known = reports.get(report.getRegion().getId());
    if (known != null
        && (known.getTerm() > report.getTerm()
            || Epochs.isStale(
                report.getRegion().getRegionEpoch(), known.getRegion().getRegionEpoch()))) {
      return;
    }
    reports.put(report.getRegion().getId(), report);
  }

  private final class Gateway implements PdGateway {
    private @Nullable Consumer<RegionHeartbeatResponse> orders;

    @Override
    public long clusterId() {
      return CLUSTER_ID;
    }

    @Override
    public CompletionStage<Boolean> isBootstrapped() {
      return CompletableFuture.completedFuture(bootstrapped);
    }

    @Override
    public CompletionStage<Long> allocId() {
      return CompletableFuture.completedFuture(SimPd.this.allocId());
    }

    @Override
    public CompletionStage<Boolean> bootstrap(Store store, Region region) {
      boolean first = !bootstrapped;
      bootstrapped = true;
      return CompletableFuture.completedFuture(first);
    }

    @Override
    public CompletionStage<Void> putStore(Store store) {
      stores.put(store.getId(), store);
      Consumer<RegionHeartbeatResponse> listener = orders;
      if (listener != null) {
        listeners.put(store.getId(), listener);
      }
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Store> store(long storeId) {
      Store store = stores.get(storeId);
      return store == null
          ? CompletableFuture.failedFuture(
              new IllegalArgumentException("invalid store ID " + storeId + ", not found"))
          : CompletableFuture.completedFuture(store);
    }

    @Override
    public CompletionStage<List<Store>> allStores() {
      return CompletableFuture.completedFuture(new ArrayList<>(stores.values()));
    }

    @Override
    public CompletionStage<StoreHeartbeatResponse> storeHeartbeat(StoreHeartbeatRequest report) {
      return CompletableFuture.completedFuture(StoreHeartbeatResponse.getDefaultInstance());
    }

    @Override
    public void regionHeartbeat(RegionHeartbeatRequest report) {
      take(report);
      Consumer<RegionHeartbeatResponse> listener = orders;
      if (listener != null) {
        listeners.put(report.getLeader().getStoreId(), listener);
      }
    }

    @Override
    public void onReconnected(Runnable listener) {}

    @Override
    public void onRegionOrders(Consumer<RegionHeartbeatResponse> listener) {
      orders = listener;
    }

    @Override
    public CompletionStage<List<SplitID>> askBatchSplit(
        Region region, int count, SplitReason reason) {
      List<SplitID> ids = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        SplitID.Builder id = SplitID.newBuilder().setNewRegionId(SimPd.this.allocId());
        for (int p = 0; p < region.getPeersCount(); p++) {
          id.addNewPeerIds(SimPd.this.allocId());
        }
        ids.add(id.build());
      }
      return CompletableFuture.completedFuture(ids);
    }

    @Override
    public CompletionStage<Void> reportBatchSplit(List<Region> regions) {
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Optional<Region>> regionById(long regionId) {
      RegionHeartbeatRequest report = reports.get(regionId);
      return CompletableFuture.completedFuture(
          report == null ? Optional.empty() : Optional.of(report.getRegion()));
    }

    @Override
    public CompletionStage<Long> tso() {
      return CompletableFuture.completedFuture(timestamp());
    }
  }
}
