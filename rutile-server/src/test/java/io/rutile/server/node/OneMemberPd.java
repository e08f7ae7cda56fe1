package io.rutile.server.node;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.rutile.base.bytes.Bytes;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.AllocIDRequest;
import io.rutile.proto.pdpb.AllocIDResponse;
import io.rutile.proto.pdpb.AskBatchSplitRequest;
import io.rutile.proto.pdpb.AskBatchSplitResponse;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.BootstrapResponse;
import io.rutile.proto.pdpb.GetAllStoresRequest;
import io.rutile.proto.pdpb.GetAllStoresResponse;
import io.rutile.proto.pdpb.GetGCSafePointRequest;
import io.rutile.proto.pdpb.GetGCSafePointResponse;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.GetRegionRequest;
import io.rutile.proto.pdpb.GetRegionResponse;
import io.rutile.proto.pdpb.GetStoreRequest;
import io.rutile.proto.pdpb.GetStoreResponse;
import io.rutile.proto.pdpb.IsBootstrappedRequest;
import io.rutile.proto.pdpb.IsBootstrappedResponse;
import io.rutile.proto.pdpb.Member;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.PutStoreRequest;
import io.rutile.proto.pdpb.PutStoreResponse;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.ReportBatchSplitRequest;
import io.rutile.proto.pdpb.ReportBatchSplitResponse;
import io.rutile.proto.pdpb.ReportMinResolvedTsRequest;
import io.rutile.proto.pdpb.ReportMinResolvedTsResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.proto.pdpb.Timestamp;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A Placement Driver of one member that keeps everything in memory: what one store needs. */
final class OneMemberPd extends PDGrpc.PDImplBase implements AutoCloseable {
  final long clusterId;
  final Map<Long, Store> stores = new ConcurrentHashMap<>();

  /** The newest report of each region. */
  final Map<Long, RegionHeartbeatRequest> regions = new ConcurrentHashMap<>();

  /** What each store reported last. */
  final Map<Long, Long> minResolvedTs = new ConcurrentHashMap<>();

  private final Map<Long, StreamObserver<RegionHeartbeatResponse>> orders =
      new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong physical = new AtomicLong(System.currentTimeMillis());
  private final Server server;
  volatile long safePoint;
  private volatile boolean bootstrapped;

  OneMemberPd(long clusterId) throws Exception {
    this.clusterId = clusterId;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(this)
            .build()
            .start();
  }

  String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  Region anyRegion() {
    return regions.values().iterator().next().getRegion();
  }

  /** A timestamp above all that were given out. */
  long timestamp() {
    return physical.incrementAndGet() << 18;
  }

  @Override
  public void close() throws Exception {
    server.shutdownNow().awaitTermination();
  }

  private ResponseHeader header() {
    return ResponseHeader.newBuilder().setClusterId(clusterId).build();
  }

  private static <R> void answer(StreamObserver<R> call, R response) {
    call.onNext(response);
    call.onCompleted();
  }

  @Override
  public void getMembers(GetMembersRequest request, StreamObserver<GetMembersResponse> call) {
    Member self =
        Member.newBuilder()
            .setName("pd")
            .setMemberId(1)
            .addClientUrls("http://" + endpoint())
            .build();
    answer(
        call,
        GetMembersResponse.newBuilder()
            .setHeader(header())
            .addMembers(self)
            .setLeader(self)
            .setEtcdLeader(self)
            .build());
  }

  @Override
  public void isBootstrapped(
      IsBootstrappedRequest request, StreamObserver<IsBootstrappedResponse> call) {
    answer(
        call,
        IsBootstrappedResponse.newBuilder()
            .setHeader(header())
            .setBootstrapped(bootstrapped)
            .build());
  }

  @Override
  public void bootstrap(BootstrapRequest request, StreamObserver<BootstrapResponse> call) {
    bootstrapped = true;
    stores.put(request.getStore().getId(), request.getStore());
    answer(call, BootstrapResponse.newBuilder().setHeader(header()).build());
  }

  @Override
  public void allocID(AllocIDRequest request, StreamObserver<AllocIDResponse> call) {
    long count = Math.max(1, request.getCount());
    answer(
        call,
        AllocIDResponse.newBuilder()
            .setHeader(header())
            .setId(ids.addAndGet(count))
            .setCount((int) count)
            .build());
  }

  @Override
  public void putStore(PutStoreRequest request, StreamObserver<PutStoreResponse> call) {
    stores.put(request.getStore().getId(), request.getStore());
    answer(call, PutStoreResponse.newBuilder().setHeader(header()).build());
  }

  @Override
  public void getStore(GetStoreRequest request, StreamObserver<GetStoreResponse> call) {
    Store store = stores.getOrDefault(request.getStoreId(), Store.getDefaultInstance());
    answer(call, GetStoreResponse.newBuilder().setHeader(header()).setStore(store).build());
  }

  @Override
  public void getAllStores(GetAllStoresRequest request, StreamObserver<GetAllStoresResponse> call) {
    answer(
        call,
        GetAllStoresResponse.newBuilder()
            .setHeader(header())
            .addAllStores(stores.values())
            .build());
  }

  /** Sends an order to the leader of a region, as it reported itself last. */
  void order(long regionId, RegionHeartbeatResponse.Builder order) {
    RegionHeartbeatRequest report = regions.get(regionId);
    StreamObserver<RegionHeartbeatResponse> stream = orders.get(report.getLeader().getStoreId());
    synchronized (stream) {
      stream.onNext(
          order
              .setHeader(header())
              .setRegionId(regionId)
              .setRegionEpoch(report.getRegion().getRegionEpoch())
              .setTargetPeer(report.getLeader())
              .build());
    }
  }

  long allocId() {
    return ids.incrementAndGet();
  }

  /** The newest report of the region that holds an encoded key. */
  RegionHeartbeatRequest regionOf(byte[] key) {
    RegionHeartbeatRequest found = RegionHeartbeatRequest.getDefaultInstance();
    for (RegionHeartbeatRequest report : regions.values()) {
      Region region = report.getRegion();
      if (Bytes.inRange(key, region.getStartKey().toByteArray(), region.getEndKey().toByteArray())
          && region.getRegionEpoch().getVersion()
              > found.getRegion().getRegionEpoch().getVersion()) {
        found = report;
      }
    }
    return found;
  }

  @Override
  public void getRegion(GetRegionRequest request, StreamObserver<GetRegionResponse> call) {
    GetRegionResponse.Builder response = GetRegionResponse.newBuilder().setHeader(header());
    RegionHeartbeatRequest found = regionOf(request.getRegionKey().toByteArray());
    response.setRegion(found.getRegion()).setLeader(found.getLeader());
    answer(call, response.build());
  }

  @Override
  public void askBatchSplit(
      AskBatchSplitRequest request, StreamObserver<AskBatchSplitResponse> call) {
    AskBatchSplitResponse.Builder response = AskBatchSplitResponse.newBuilder();
    for (int i = 0; i < request.getSplitCount(); i++) {
      SplitID.Builder id = SplitID.newBuilder().setNewRegionId(ids.incrementAndGet());
      request.getRegion().getPeersList().forEach(peer -> id.addNewPeerIds(ids.incrementAndGet()));
      response.addIds(id);
    }
    answer(call, response.setHeader(header()).build());
  }

  @Override
  public void reportBatchSplit(
      ReportBatchSplitRequest request, StreamObserver<ReportBatchSplitResponse> call) {
    answer(call, ReportBatchSplitResponse.newBuilder().setHeader(header()).build());
  }

  @Override
  public void reportMinResolvedTS(
      ReportMinResolvedTsRequest request, StreamObserver<ReportMinResolvedTsResponse> call) {
    minResolvedTs.put(request.getStoreId(), request.getMinResolvedTs());
    answer(call, ReportMinResolvedTsResponse.newBuilder().setHeader(header()).build());
  }

  @Override
  public void getGCSafePoint(
      GetGCSafePointRequest request, StreamObserver<GetGCSafePointResponse> call) {
    answer(
        call,
        GetGCSafePointResponse.newBuilder().setHeader(header()).setSafePoint(safePoint).build());
  }

  @Override
  public void storeHeartbeat(
      StoreHeartbeatRequest request, StreamObserver<StoreHeartbeatResponse> call) {
    answer(call, StoreHeartbeatResponse.newBuilder().setHeader(header()).build());
  }

  @Override
  public StreamObserver<RegionHeartbeatRequest> regionHeartbeat(
      StreamObserver<RegionHeartbeatResponse> call) {
    return new Incoming<>(call) {
      @Override
      public void onNext(RegionHeartbeatRequest report) {
        if (report.hasLeader()) {
          orders.put(report.getLeader().getStoreId(), call);
          regions.put(report.getRegion().getId(), report);
        }
      }
    };
  }

  @Override
  public StreamObserver<TsoRequest> tso(StreamObserver<TsoResponse> call) {
    return new Incoming<>(call) {
      @Override
      public void onNext(TsoRequest request) {
        call.onNext(
            TsoResponse.newBuilder()
                .setHeader(header())
                .setCount(request.getCount())
                .setTimestamp(
                    Timestamp.newBuilder()
                        .setPhysical(physical.incrementAndGet())
                        .setLogical(request.getCount()))
                .build());
      }
    };
  }

  private abstract static class Incoming<Q> implements StreamObserver<Q> {
    private final StreamObserver<?> call;

    Incoming(StreamObserver<?> call) {
      this.call = call;
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      call.onCompleted();
    }
  }
}
