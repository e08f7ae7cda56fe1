package io.rutile.client.pd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.MethodDescriptor;
import io.rutile.base.clock.Clock;
import io.rutile.proto.keyspacepb.KeyspaceGrpc;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.keyspacepb.LoadKeyspaceRequest;
import io.rutile.proto.keyspacepb.LoadKeyspaceResponse;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.AllocIDRequest;
import io.rutile.proto.pdpb.AllocIDResponse;
import io.rutile.proto.pdpb.AskBatchSplitRequest;
import io.rutile.proto.pdpb.AskBatchSplitResponse;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.BootstrapResponse;
import io.rutile.proto.pdpb.GCState;
import io.rutile.proto.pdpb.GetAllKeyspacesGCStatesRequest;
import io.rutile.proto.pdpb.GetAllKeyspacesGCStatesResponse;
import io.rutile.proto.pdpb.GetAllStoresRequest;
import io.rutile.proto.pdpb.GetAllStoresResponse;
import io.rutile.proto.pdpb.GetGCSafePointRequest;
import io.rutile.proto.pdpb.GetGCSafePointResponse;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.GetOperatorRequest;
import io.rutile.proto.pdpb.GetOperatorResponse;
import io.rutile.proto.pdpb.GetRegionByIDRequest;
import io.rutile.proto.pdpb.GetRegionRequest;
import io.rutile.proto.pdpb.GetRegionResponse;
import io.rutile.proto.pdpb.GetStoreRequest;
import io.rutile.proto.pdpb.GetStoreResponse;
import io.rutile.proto.pdpb.GlobalConfigItem;
import io.rutile.proto.pdpb.IsBootstrappedRequest;
import io.rutile.proto.pdpb.IsBootstrappedResponse;
import io.rutile.proto.pdpb.LoadGlobalConfigRequest;
import io.rutile.proto.pdpb.LoadGlobalConfigResponse;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.PutStoreRequest;
import io.rutile.proto.pdpb.PutStoreResponse;
import io.rutile.proto.pdpb.ReportBatchSplitRequest;
import io.rutile.proto.pdpb.ReportBatchSplitResponse;
import io.rutile.proto.pdpb.ReportMinResolvedTsRequest;
import io.rutile.proto.pdpb.ReportMinResolvedTsResponse;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.ScanRegionsRequest;
import io.rutile.proto.pdpb.ScanRegionsResponse;
import io.rutile.proto.pdpb.ScatterRegionRequest;
import io.rutile.proto.pdpb.ScatterRegionResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.SplitReason;
import io.rutile.proto.pdpb.StoreGlobalConfigRequest;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.proto.pdpb.UpdateGCSafePointRequest;
import io.rutile.proto.pdpb.UpdateGCSafePointResponse;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointResponse;
import io.rutile.rpc.channel.ChannelPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@link PdClient} over gRPC. One request is one call to the leader; {@link LeaderTracker} finds
 * it, {@link UnaryCalls} repeats, {@link TimestampBatcher} batches timestamps. One daemon thread
 * times retries; everything else happens on the channels' event loops. The channels belong to
 * whoever passed them in.
 */
public final class GrpcPdClient implements PdClient {
  private static final Duration REQUEST_MAX = Duration.ofSeconds(10);

  private final LeaderTracker leaders;
  private final UnaryCalls calls;
  private final TimestampBatcher timestamps;
  private final ChannelPool channels;
  private final ScheduledExecutorService timer;

  private GrpcPdClient(ChannelPool channels, List<String> endpoints, Clock clock) {
    this.channels = channels;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pd-client").factory());
    this.leaders = new LeaderTracker(channels, endpoints);
    this.calls = new UnaryCalls(channels, leaders, timer, clock, REQUEST_MAX.toNanos());
    this.timestamps = new TimestampBatcher(channels, leaders, timer);
  }

  /**
   * Connects to the cluster that {@code endpoints} (host:port, any of its members) belong to. Waits
   * until a leader answers, for {@code patience} at most.
   *
   * @throws PdException when none does
   */
  public static GrpcPdClient connect(
      ChannelPool channels, List<String> endpoints, Clock clock, Duration patience) {
    GrpcPdClient client = new GrpcPdClient(channels, endpoints, clock);
    long deadline = clock.monotonicNanos() + patience.toNanos();
    while (true) {
      try {
        client.leaders.leader().join();
        return client;
      } catch (CompletionException e) {
        PdException failure = UnaryCalls.toPdException(UnaryCalls.unwrap(e));
        if (failure.kind() != PdException.Kind.UNAVAILABLE || clock.monotonicNanos() >= deadline) {
          client.close();
          throw failure;
        }
        pause(client.timer);
      }
    }
  }

  private static void pause(ScheduledExecutorService timer) {
    CompletableFuture<Void> later = new CompletableFuture<>();
    timer.schedule(() -> later.complete(null), 100, TimeUnit.MILLISECONDS);
    later.join();
  }

  @Override
  public long clusterId() {
    return leaders.members().clusterId();
  }

  @Override
  public String leaderAddress() {
    String leader = leaders.members().leader();
    return leader == null ? "" : ChannelPool.withoutScheme(leader);
  }

  @Override
  public CompletableFuture<Long> tso() {
    return timestamps.get(1);
  }

  @Override
  public CompletableFuture<TsoRange> tsoBatch(int count) {
    return timestamps.get(count).thenApply(last -> new TsoRange(last - count + 1, count));
  }

  @Override
  public CompletableFuture<GetMembersResponse> members() {
    return call(
        PDGrpc.getGetMembersMethod(),
        header -> GetMembersRequest.newBuilder().setHeader(header).build(),
        GetMembersResponse::getHeader);
  }

  @Override
  public CompletableFuture<Long> allocId(int count) {
    return call(
            PDGrpc.getAllocIDMethod(),
            header -> AllocIDRequest.newBuilder().setHeader(header).setCount(count).build(),
            AllocIDResponse::getHeader)
        .thenApply(response -> response.getId() - count + 1);
  }

  @Override
  public CompletableFuture<Boolean> isBootstrapped() {
    return call(
            PDGrpc.getIsBootstrappedMethod(),
            header -> IsBootstrappedRequest.newBuilder().setHeader(header).build(),
            IsBootstrappedResponse::getHeader)
        .thenApply(IsBootstrappedResponse::getBootstrapped);
  }

  @Override
  public CompletableFuture<BootstrapResponse> bootstrap(Store store, Region region) {
    return call(
        PDGrpc.getBootstrapMethod(),
        header ->
            BootstrapRequest.newBuilder()
                .setHeader(header)
                .setStore(store)
                .setRegion(region)
                .build(),
        BootstrapResponse::getHeader);
  }

  @Override
  public CompletableFuture<PutStoreResponse> putStore(Store store) {
    return call(
        PDGrpc.getPutStoreMethod(),
        header -> PutStoreRequest.newBuilder().setHeader(header).setStore(store).build(),
        PutStoreResponse::getHeader);
  }

  @Override
  public CompletableFuture<Store> getStore(long storeId) {
    return call(
            PDGrpc.getGetStoreMethod(),
            header -> GetStoreRequest.newBuilder().setHeader(header).setStoreId(storeId).build(),
            GetStoreResponse::getHeader)
        .thenApply(GetStoreResponse::getStore);
  }

  @Override
  public CompletableFuture<List<Store>> getAllStores(boolean excludeTombstone) {
    return call(
            PDGrpc.getGetAllStoresMethod(),
            header ->
                GetAllStoresRequest.newBuilder()
                    .setHeader(header)
                    .setExcludeTombstoneStores(excludeTombstone)
                    .build(),
            GetAllStoresResponse::getHeader)
        .thenApply(GetAllStoresResponse::getStoresList);
  }

  @Override
  public CompletableFuture<StoreHeartbeatResponse> storeHeartbeat(StoreHeartbeatRequest report) {
    return call(
        PDGrpc.getStoreHeartbeatMethod(),
        header -> report.toBuilder().setHeader(header).build(),
        StoreHeartbeatResponse::getHeader);
  }

  @Override
  public RegionHeartbeats regionHeartbeats(RegionHeartbeats.Listener listener) {
    HeartbeatStream stream = new HeartbeatStream(channels, leaders, timer, listener);
    stream.open();
    return stream;
  }

  @Override
  public CompletableFuture<List<SplitID>> askBatchSplit(
      Region region, int splitCount, SplitReason reason) {
    return call(
            PDGrpc.getAskBatchSplitMethod(),
            header ->
                AskBatchSplitRequest.newBuilder()
                    .setHeader(header)
                    .setRegion(region)
                    .setSplitCount(splitCount)
                    .setReason(reason)
                    .build(),
            AskBatchSplitResponse::getHeader)
        .thenApply(AskBatchSplitResponse::getIdsList);
  }

  @Override
  public CompletableFuture<Void> reportBatchSplit(List<Region> regions) {
    return call(
            PDGrpc.getReportBatchSplitMethod(),
            header ->
                ReportBatchSplitRequest.newBuilder()
                    .setHeader(header)
                    .addAllRegions(regions)
                    .build(),
            ReportBatchSplitResponse::getHeader)
        .thenAccept(response -> {});
  }

  @Override
  public CompletableFuture<Optional<RegionInfo>> getRegion(byte[] key) {
    return regionByKey(PDGrpc.getGetRegionMethod(), key);
  }

  @Override
  public CompletableFuture<Optional<RegionInfo>> getPrevRegion(byte[] key) {
    return regionByKey(PDGrpc.getGetPrevRegionMethod(), key);
  }

  @Override
  public CompletableFuture<Optional<RegionInfo>> getRegionById(long regionId) {
    return call(
            PDGrpc.getGetRegionByIDMethod(),
            header ->
                GetRegionByIDRequest.newBuilder().setHeader(header).setRegionId(regionId).build(),
            GetRegionResponse::getHeader)
        .thenApply(GrpcPdClient::infoOf);
  }

  @Override
  public CompletableFuture<List<RegionInfo>> scanRegions(
      byte[] startKey, byte[] endKey, int limit) {
    return call(
            PDGrpc.getScanRegionsMethod(),
            header ->
                ScanRegionsRequest.newBuilder()
                    .setHeader(header)
                    .setStartKey(UnsafeByteOperations.unsafeWrap(startKey))
                    .setEndKey(UnsafeByteOperations.unsafeWrap(endKey))
                    .setLimit(Math.max(limit, 0))
                    .build(),
            ScanRegionsResponse::getHeader)
        .thenApply(GrpcPdClient::infosOf);
  }

  @Override
  public CompletableFuture<ScatterRegionResponse> scatterRegions(
      List<Long> regionIds, String group) {
    return call(
        PDGrpc.getScatterRegionMethod(),
        header ->
            ScatterRegionRequest.newBuilder()
                .setHeader(header)
                .addAllRegionsId(regionIds)
                .setGroup(group)
                .build(),
        ScatterRegionResponse::getHeader);
  }

  @Override
  public CompletableFuture<GetOperatorResponse> getOperator(long regionId) {
    return call(
        PDGrpc.getGetOperatorMethod(),
        header -> GetOperatorRequest.newBuilder().setHeader(header).setRegionId(regionId).build(),
        GetOperatorResponse::getHeader);
  }

  @Override
  public CompletableFuture<Long> getGcSafePoint() {
    return call(
            PDGrpc.getGetGCSafePointMethod(),
            header -> GetGCSafePointRequest.newBuilder().setHeader(header).build(),
            GetGCSafePointResponse::getHeader)
        .thenApply(GetGCSafePointResponse::getSafePoint);
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> keyspaceGcSafePoints() {
    return call(
            PDGrpc.getGetAllKeyspacesGCStatesMethod(),
            header ->
                GetAllKeyspacesGCStatesRequest.newBuilder()
                    .setHeader(header)
                    .setExcludeGcBarriers(true)
                    .setExcludeGlobalGcBarriers(true)
                    .build(),
            GetAllKeyspacesGCStatesResponse::getHeader)
        .thenApply(response ->
            response.getGcStatesList().stream()
                .filter(GCState::getIsKeyspaceLevelGc)
                .collect(
                    Collectors.toMap(
                        state -> state.getKeyspaceScope().getKeyspaceId(),
                        GCState::getGcSafePoint)));
  }

  @Override
  public CompletableFuture<Long> updateGcSafePoint(long safePoint) {
    return call(
            PDGrpc.getUpdateGCSafePointMethod(),
            header ->
                UpdateGCSafePointRequest.newBuilder()
                    .setHeader(header)
                    .setSafePoint(safePoint)
                    .build(),
            UpdateGCSafePointResponse::getHeader)
        .thenApply(UpdateGCSafePointResponse::getNewSafePoint);
  }

  @Override
  public CompletableFuture<Long> updateServiceGcSafePoint(
      String serviceId, long ttlSeconds, long safePoint) {
    return call(
            PDGrpc.getUpdateServiceGCSafePointMethod(),
            header ->
                UpdateServiceGCSafePointRequest.newBuilder()
                    .setHeader(header)
                    .setServiceId(ByteString.copyFromUtf8(serviceId))
                    .setTTL(ttlSeconds)
                    .setSafePoint(safePoint)
                    .build(),
            UpdateServiceGCSafePointResponse::getHeader)
        .thenApply(UpdateServiceGCSafePointResponse::getMinSafePoint);
  }

  @Override
  public CompletableFuture<Void> reportMinResolvedTs(long storeId, long minResolvedTs) {
    return call(
            PDGrpc.getReportMinResolvedTSMethod(),
            header ->
                ReportMinResolvedTsRequest.newBuilder()
                    .setHeader(header)
                    .setStoreId(storeId)
                    .setMinResolvedTs(minResolvedTs)
                    .build(),
            ReportMinResolvedTsResponse::getHeader)
        .thenAccept(response -> {});
  }

  @Override
  public CompletableFuture<KeyspaceMeta> loadKeyspace(String name) {
    return call(
            KeyspaceGrpc.getLoadKeyspaceMethod(),
            header -> LoadKeyspaceRequest.newBuilder().setHeader(header).setName(name).build(),
            LoadKeyspaceResponse::getHeader)
        .thenApply(LoadKeyspaceResponse::getKeyspace);
  }

  @Override
  public CompletableFuture<List<GlobalConfigItem>> loadGlobalConfig(
      String path, List<String> names) {
    return call(
            PDGrpc.getLoadGlobalConfigMethod(),
            header ->
                LoadGlobalConfigRequest.newBuilder().setConfigPath(path).addAllNames(names).build(),
            response -> null)
        .thenApply(LoadGlobalConfigResponse::getItemsList);
  }

  @Override
  public CompletableFuture<Void> storeGlobalConfig(String path, List<GlobalConfigItem> changes) {
    return call(
            PDGrpc.getStoreGlobalConfigMethod(),
            header ->
                StoreGlobalConfigRequest.newBuilder()
                    .setConfigPath(path)
                    .addAllChanges(changes)
                    .build(),
            response -> null)
        .thenAccept(response -> {
          if (response.hasError()) {
            throw new PdException(PdException.Kind.UNKNOWN, response.getError().getMessage());
          }
        });
  }

  @Override
  public void close() {
    timestamps.close();
    timer.shutdownNow();
  }

  private CompletableFuture<Optional<RegionInfo>> regionByKey(
      MethodDescriptor<GetRegionRequest, GetRegionResponse> method, byte[] key) {
    return call(
            method,
            header ->
                GetRegionRequest.newBuilder()
                    .setHeader(header)
                    .setRegionKey(UnsafeByteOperations.unsafeWrap(key))
                    .build(),
            GetRegionResponse::getHeader)
        .thenApply(GrpcPdClient::infoOf);
  }

  private <Q, A> CompletableFuture<A> call(
      MethodDescriptor<Q, A> method,
      Function<RequestHeader, Q> request,
      Function<A, @Nullable ResponseHeader> header) {
    return calls.call(
        method,
        clusterId -> request.apply(RequestHeader.newBuilder().setClusterId(clusterId).build()),
        header);
  }

  private static Optional<RegionInfo> infoOf(GetRegionResponse response) {
    if (!response.hasRegion()) {
      return Optional.empty();
    }
    return Optional.of(
        new RegionInfo(
            response.getRegion(),
            leaderOf(response.getLeader()),
            response.getDownPeersList(),
            response.getPendingPeersList(),
            response.hasBuckets() ? response.getBuckets() : null));
  }

  private static List<RegionInfo> infosOf(ScanRegionsResponse response) {
    List<RegionInfo> infos = new ArrayList<>();
    for (io.rutile.proto.pdpb.Region region : response.getRegionsList()) {
      infos.add(
          new RegionInfo(
              region.getRegion(),
              leaderOf(region.getLeader()),
              region.getDownPeersList(),
              region.getPendingPeersList(),
              region.hasBuckets() ? region.getBuckets() : null));
    }
    return infos;
  }

  /** PD says "no leader" by an absent or an empty peer. */
  private static @Nullable Peer leaderOf(Peer leader) {
    return leader.getId() == 0 ? null : leader;
  }
}
