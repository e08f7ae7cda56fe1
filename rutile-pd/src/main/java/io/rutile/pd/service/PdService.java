package io.rutile.pd.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.cluster.ClusterCommand;
import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.member.MemberDirectory;
import io.rutile.proto.pdpb.AdvanceGCSafePointRequest;
import io.rutile.proto.pdpb.AdvanceGCSafePointResponse;
import io.rutile.proto.pdpb.AdvanceTxnSafePointRequest;
import io.rutile.proto.pdpb.AdvanceTxnSafePointResponse;
import io.rutile.proto.pdpb.AllocIDRequest;
import io.rutile.proto.pdpb.AllocIDResponse;
import io.rutile.proto.pdpb.AskBatchSplitRequest;
import io.rutile.proto.pdpb.AskBatchSplitResponse;
import io.rutile.proto.pdpb.AskSplitRequest;
import io.rutile.proto.pdpb.AskSplitResponse;
import io.rutile.proto.pdpb.BatchScanRegionsRequest;
import io.rutile.proto.pdpb.BatchScanRegionsResponse;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.BootstrapResponse;
import io.rutile.proto.pdpb.DeleteGCBarrierRequest;
import io.rutile.proto.pdpb.DeleteGCBarrierResponse;
import io.rutile.proto.pdpb.DeleteGlobalGCBarrierRequest;
import io.rutile.proto.pdpb.DeleteGlobalGCBarrierResponse;
import io.rutile.proto.pdpb.GetAllGCSafePointV2Request;
import io.rutile.proto.pdpb.GetAllGCSafePointV2Response;
import io.rutile.proto.pdpb.GetAllKeyspacesGCStatesRequest;
import io.rutile.proto.pdpb.GetAllKeyspacesGCStatesResponse;
import io.rutile.proto.pdpb.GetAllStoresRequest;
import io.rutile.proto.pdpb.GetAllStoresResponse;
import io.rutile.proto.pdpb.GetClusterConfigRequest;
import io.rutile.proto.pdpb.GetClusterConfigResponse;
import io.rutile.proto.pdpb.GetClusterInfoRequest;
import io.rutile.proto.pdpb.GetClusterInfoResponse;
import io.rutile.proto.pdpb.GetDCLocationInfoRequest;
import io.rutile.proto.pdpb.GetDCLocationInfoResponse;
import io.rutile.proto.pdpb.GetExternalTimestampRequest;
import io.rutile.proto.pdpb.GetExternalTimestampResponse;
import io.rutile.proto.pdpb.GetGCSafePointRequest;
import io.rutile.proto.pdpb.GetGCSafePointResponse;
import io.rutile.proto.pdpb.GetGCSafePointV2Request;
import io.rutile.proto.pdpb.GetGCSafePointV2Response;
import io.rutile.proto.pdpb.GetGCStateRequest;
import io.rutile.proto.pdpb.GetGCStateResponse;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.GetMinTSRequest;
import io.rutile.proto.pdpb.GetMinTSResponse;
import io.rutile.proto.pdpb.GetOperatorRequest;
import io.rutile.proto.pdpb.GetOperatorResponse;
import io.rutile.proto.pdpb.GetRegionByIDRequest;
import io.rutile.proto.pdpb.GetRegionRequest;
import io.rutile.proto.pdpb.GetRegionResponse;
import io.rutile.proto.pdpb.GetStoreRequest;
import io.rutile.proto.pdpb.GetStoreResponse;
import io.rutile.proto.pdpb.IsBootstrappedRequest;
import io.rutile.proto.pdpb.IsBootstrappedResponse;
import io.rutile.proto.pdpb.IsSnapshotRecoveringRequest;
import io.rutile.proto.pdpb.IsSnapshotRecoveringResponse;
import io.rutile.proto.pdpb.LoadGlobalConfigRequest;
import io.rutile.proto.pdpb.LoadGlobalConfigResponse;
import io.rutile.proto.pdpb.Member;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.PutClusterConfigRequest;
import io.rutile.proto.pdpb.PutClusterConfigResponse;
import io.rutile.proto.pdpb.PutStoreRequest;
import io.rutile.proto.pdpb.PutStoreResponse;
import io.rutile.proto.pdpb.QueryRegionRequest;
import io.rutile.proto.pdpb.QueryRegionResponse;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.ReportBatchSplitRequest;
import io.rutile.proto.pdpb.ReportBatchSplitResponse;
import io.rutile.proto.pdpb.ReportBucketsRequest;
import io.rutile.proto.pdpb.ReportBucketsResponse;
import io.rutile.proto.pdpb.ReportMinResolvedTsRequest;
import io.rutile.proto.pdpb.ReportMinResolvedTsResponse;
import io.rutile.proto.pdpb.ReportSplitRequest;
import io.rutile.proto.pdpb.ReportSplitResponse;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.ScanRegionsRequest;
import io.rutile.proto.pdpb.ScanRegionsResponse;
import io.rutile.proto.pdpb.ScatterRegionRequest;
import io.rutile.proto.pdpb.ScatterRegionResponse;
import io.rutile.proto.pdpb.ServiceMode;
import io.rutile.proto.pdpb.SetExternalTimestampRequest;
import io.rutile.proto.pdpb.SetExternalTimestampResponse;
import io.rutile.proto.pdpb.SetGCBarrierRequest;
import io.rutile.proto.pdpb.SetGCBarrierResponse;
import io.rutile.proto.pdpb.SetGlobalGCBarrierRequest;
import io.rutile.proto.pdpb.SetGlobalGCBarrierResponse;
import io.rutile.proto.pdpb.StoreGlobalConfigRequest;
import io.rutile.proto.pdpb.StoreGlobalConfigResponse;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.proto.pdpb.SyncMaxTSRequest;
import io.rutile.proto.pdpb.SyncMaxTSResponse;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import io.rutile.proto.pdpb.UpdateGCSafePointRequest;
import io.rutile.proto.pdpb.UpdateGCSafePointResponse;
import io.rutile.proto.pdpb.UpdateGCSafePointV2Request;
import io.rutile.proto.pdpb.UpdateGCSafePointV2Response;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointResponse;
import io.rutile.proto.pdpb.UpdateServiceSafePointV2Request;
import io.rutile.proto.pdpb.UpdateServiceSafePointV2Response;
import io.rutile.proto.pdpb.WatchGlobalConfigRequest;
import io.rutile.proto.pdpb.WatchGlobalConfigResponse;
import java.util.function.Function;

/**
 * The service {@code pdpb.PD}. Each method only names its parts: the gate checks the caller, a
 * calls class does the work. What is not here is answered UNIMPLEMENTED. The file is long because
 * gRPC wants all methods of a service in one class; none of them decides anything.
 */
public final class PdService extends PDGrpc.PDImplBase {
  private final Gate gate;
  private final MemberDirectory members;

  public PdService(Gate gate, MemberDirectory members) {
    this.gate = gate;
    this.members = members;
  }

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  @Override
  public void getMembers(GetMembersRequest request, StreamObserver<GetMembersResponse> out) {
    Gate.reply(
        out,
        () -> {
          GetMembersResponse.Builder response =
              GetMembersResponse.newBuilder()
                  .setHeader(gate.header())
                  .addAllMembers(members.members());
          Member leader = members.leader();
          if (leader != null) {
            response.setLeader(leader).setEtcdLeader(leader);
          }
          return response.build();
        });
  }

  @Override
  public void getClusterInfo(
      GetClusterInfoRequest request, StreamObserver<GetClusterInfoResponse> out) {
    Gate.reply(
        out,
        () ->
            GetClusterInfoResponse.newBuilder()
                .setHeader(gate.header())
                .addServiceModes(ServiceMode.PD_SVC_MODE)
                .build());
  }

  @Override
  public void getMinTS(GetMinTSRequest request, StreamObserver<GetMinTSResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session ->
            GetMinTSResponse.newBuilder()
                .setHeader(header(session))
                .setTimestamp(TsoCall.timestamp(TsoCall.allocate(session.oracle(), 1)))
                .build(),
        header -> GetMinTSResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public StreamObserver<TsoRequest> tso(StreamObserver<TsoResponse> out) {
    return new TsoCall(gate, out);
  }

  @Override
  public void bootstrap(BootstrapRequest request, StreamObserver<BootstrapResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          session.bootstrap(request.getStore(), request.getRegion());
          return BootstrapResponse.newBuilder()
              .setHeader(header(session))
              .setReplicationStatus(StoreCalls.MAJORITY)
              .build();
        },
        header -> BootstrapResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void isBootstrapped(
      IsBootstrappedRequest request, StreamObserver<IsBootstrappedResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session ->
            IsBootstrappedResponse.newBuilder()
                .setHeader(header(session))
                .setBootstrapped(session.isBootstrapped())
                .build(),
        header -> IsBootstrappedResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void allocID(AllocIDRequest request, StreamObserver<AllocIDResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          int count = Math.max(1, request.getCount());
          AllocIDResponse.Builder response =
              AllocIDResponse.newBuilder()
                  .setHeader(header(session))
                  .setId(session.ids().allocate(count));
          return count > 1 ? response.setCount(count).build() : response.build();
        },
        header -> AllocIDResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void isSnapshotRecovering(
      IsSnapshotRecoveringRequest request, StreamObserver<IsSnapshotRecoveringResponse> out) {
    Gate.reply(
        out,
        () -> {
          LeaderSession session = gate.leader();
          return IsSnapshotRecoveringResponse.newBuilder()
              .setHeader(header(session))
              .setMarked(session.meta().get(session.paths().snapshotRecovering()) != null)
              .build();
        });
  }

  @Override
  public void getStore(GetStoreRequest request, StreamObserver<GetStoreResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> StoreCalls.get(session, request),
        header -> GetStoreResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void putStore(PutStoreRequest request, StreamObserver<PutStoreResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> StoreCalls.put(session, request),
        header -> PutStoreResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getAllStores(GetAllStoresRequest request, StreamObserver<GetAllStoresResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> StoreCalls.all(session, request),
        header -> GetAllStoresResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void storeHeartbeat(
      StoreHeartbeatRequest request, StreamObserver<StoreHeartbeatResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> StoreCalls.heartbeat(session, request),
        header -> StoreHeartbeatResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public StreamObserver<RegionHeartbeatRequest> regionHeartbeat(
      StreamObserver<RegionHeartbeatResponse> out) {
    return new RegionHeartbeatCall(gate, out);
  }

  @Override
  public void getRegion(GetRegionRequest request, StreamObserver<GetRegionResponse> out) {
    region(out, request.getHeader(), session -> RegionCalls.byKey(session, request));
  }

  @Override
  public void getPrevRegion(GetRegionRequest request, StreamObserver<GetRegionResponse> out) {
    region(out, request.getHeader(), session -> RegionCalls.previous(session, request));
  }

  @Override
  public void getRegionByID(GetRegionByIDRequest request, StreamObserver<GetRegionResponse> out) {
    region(out, request.getHeader(), session -> RegionCalls.byId(session, request));
  }

  private void region(
      StreamObserver<GetRegionResponse> out,
      RequestHeader caller,
      Function<LeaderSession, GetRegionResponse> call) {
    gate.answerRegion(
        out, caller, call, header -> GetRegionResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void scanRegions(ScanRegionsRequest request, StreamObserver<ScanRegionsResponse> out) {
    gate.answerRegion(
        out,
        request.getHeader(),
        session -> RegionCalls.scan(session, request),
        header -> ScanRegionsResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void batchScanRegions(
      BatchScanRegionsRequest request, StreamObserver<BatchScanRegionsResponse> out) {
    gate.answerRegion(
        out,
        request.getHeader(),
        session -> RegionCalls.batchScan(session, request),
        header -> BatchScanRegionsResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public StreamObserver<QueryRegionRequest> queryRegion(StreamObserver<QueryRegionResponse> out) {
    return new EachCall<>(out, this::answerQuery, Gate::status);
  }

  private QueryRegionResponse answerQuery(QueryRegionRequest request) {
    LeaderSession session = gate.session(request.getHeader());
    try {
      return RegionCalls.query(session, request);
    } catch (ClusterException e) {
      return QueryRegionResponse.newBuilder()
          .setHeader(Gate.error(session.clusterId(), e.type(), String.valueOf(e.getMessage())))
          .build();
    }
  }

  @Override
  public void askSplit(AskSplitRequest request, StreamObserver<AskSplitResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> SplitCalls.ask(session, request),
        header -> AskSplitResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void reportSplit(ReportSplitRequest request, StreamObserver<ReportSplitResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> SplitCalls.report(session, request),
        header -> ReportSplitResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void askBatchSplit(
      AskBatchSplitRequest request, StreamObserver<AskBatchSplitResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> SplitCalls.askBatch(session, request),
        header -> AskBatchSplitResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void reportBatchSplit(
      ReportBatchSplitRequest request, StreamObserver<ReportBatchSplitResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> SplitCalls.reportBatch(session, request),
        header -> ReportBatchSplitResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getClusterConfig(
      GetClusterConfigRequest request, StreamObserver<GetClusterConfigResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session ->
            GetClusterConfigResponse.newBuilder()
                .setHeader(header(session))
                .setCluster(session.cluster().description())
                .build(),
        header -> GetClusterConfigResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void putClusterConfig(
      PutClusterConfigRequest request, StreamObserver<PutClusterConfigResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          if (request.getCluster().getId() != session.clusterId()) {
            throw ClusterException.unknown("invalid cluster id in the description");
          }
          session.cluster().describe(request.getCluster());
          return PutClusterConfigResponse.newBuilder().setHeader(header(session)).build();
        },
        header -> PutClusterConfigResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public StreamObserver<ReportBucketsRequest> reportBuckets(
      StreamObserver<ReportBucketsResponse> out) {
    return new SinkCall<>(
        out,
        request -> {
          LeaderSession session = gate.session(request.getHeader());
          session.cluster().loop().offer(new ClusterCommand.BucketsReport(request.getBuckets()));
        },
        () -> ReportBucketsResponse.newBuilder().setHeader(gate.header()).build());
  }

  @Override
  public void reportMinResolvedTS(
      ReportMinResolvedTsRequest request, StreamObserver<ReportMinResolvedTsResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          session
              .cluster()
              .minResolvedTs()
              .report(request.getStoreId(), request.getMinResolvedTs());
          return ReportMinResolvedTsResponse.newBuilder().setHeader(header(session)).build();
        },
        header -> ReportMinResolvedTsResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void setExternalTimestamp(
      SetExternalTimestampRequest request, StreamObserver<SetExternalTimestampResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> {
          ExternalTimestamp.set(session, request.getTimestamp());
          return SetExternalTimestampResponse.newBuilder().setHeader(header(session)).build();
        },
        header -> SetExternalTimestampResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getExternalTimestamp(
      GetExternalTimestampRequest request, StreamObserver<GetExternalTimestampResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session ->
            GetExternalTimestampResponse.newBuilder()
                .setHeader(header(session))
                .setTimestamp(ExternalTimestamp.get(session))
                .build(),
        header -> GetExternalTimestampResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void storeGlobalConfig(
      StoreGlobalConfigRequest request, StreamObserver<StoreGlobalConfigResponse> out) {
    Gate.reply(out, () -> GlobalConfigCalls.store(gate.leader(), request));
  }

  @Override
  public void loadGlobalConfig(
      LoadGlobalConfigRequest request, StreamObserver<LoadGlobalConfigResponse> out) {
    Gate.reply(out, () -> GlobalConfigCalls.load(gate.leader(), request));
  }

  @Override
  public void watchGlobalConfig(
      WatchGlobalConfigRequest request, StreamObserver<WatchGlobalConfigResponse> out) {
    try {
      GlobalConfigCalls.watch(
          gate.leader(), request, (ServerCallStreamObserver<WatchGlobalConfigResponse>) out);
    } catch (RuntimeException e) {
      out.onError(Gate.status(e));
    }
  }

  @Override
  public void getGCSafePoint(
      GetGCSafePointRequest request, StreamObserver<GetGCSafePointResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        GcCalls::get,
        header -> GetGCSafePointResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void updateGCSafePoint(
      UpdateGCSafePointRequest request, StreamObserver<UpdateGCSafePointResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.update(session, request),
        header -> UpdateGCSafePointResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void updateServiceGCSafePoint(
      UpdateServiceGCSafePointRequest request,
      StreamObserver<UpdateServiceGCSafePointResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.updateService(session, request),
        header -> UpdateServiceGCSafePointResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getGCSafePointV2(
      GetGCSafePointV2Request request, StreamObserver<GetGCSafePointV2Response> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.getV2(session, request),
        header -> GetGCSafePointV2Response.newBuilder().setHeader(header).build());
  }

  @Override
  public void updateGCSafePointV2(
      UpdateGCSafePointV2Request request, StreamObserver<UpdateGCSafePointV2Response> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.updateV2(session, request),
        header -> UpdateGCSafePointV2Response.newBuilder().setHeader(header).build());
  }

  @Override
  public void updateServiceSafePointV2(
      UpdateServiceSafePointV2Request request,
      StreamObserver<UpdateServiceSafePointV2Response> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.updateServiceV2(session, request),
        header -> UpdateServiceSafePointV2Response.newBuilder().setHeader(header).build());
  }

  @Override
  public void getAllGCSafePointV2(
      GetAllGCSafePointV2Request request, StreamObserver<GetAllGCSafePointV2Response> out) {
    gate.answer(
        out,
        request.getHeader(),
        GcCalls::allV2,
        header -> GetAllGCSafePointV2Response.newBuilder().setHeader(header).build());
  }

  @Override
  public void advanceGCSafePoint(
      AdvanceGCSafePointRequest request, StreamObserver<AdvanceGCSafePointResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.advanceGc(session, request),
        header -> AdvanceGCSafePointResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void advanceTxnSafePoint(
      AdvanceTxnSafePointRequest request, StreamObserver<AdvanceTxnSafePointResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.advanceTxn(session, request),
        header -> AdvanceTxnSafePointResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void setGCBarrier(SetGCBarrierRequest request, StreamObserver<SetGCBarrierResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.setBarrier(session, request),
        header -> SetGCBarrierResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void deleteGCBarrier(
      DeleteGCBarrierRequest request, StreamObserver<DeleteGCBarrierResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.deleteBarrier(session, request),
        header -> DeleteGCBarrierResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void setGlobalGCBarrier(
      SetGlobalGCBarrierRequest request, StreamObserver<SetGlobalGCBarrierResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.setGlobal(session, request),
        header -> SetGlobalGCBarrierResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void deleteGlobalGCBarrier(
      DeleteGlobalGCBarrierRequest request, StreamObserver<DeleteGlobalGCBarrierResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.deleteGlobal(session, request),
        header -> DeleteGlobalGCBarrierResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getGCState(GetGCStateRequest request, StreamObserver<GetGCStateResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.state(session, request),
        header -> GetGCStateResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getAllKeyspacesGCStates(
      GetAllKeyspacesGCStatesRequest request, StreamObserver<GetAllKeyspacesGCStatesResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> GcCalls.allStates(session, request),
        header -> GetAllKeyspacesGCStatesResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void syncMaxTS(SyncMaxTSRequest request, StreamObserver<SyncMaxTSResponse> out) {
    Gate.reply(out, () -> SyncMaxTSResponse.newBuilder().setHeader(gate.header()).build());
  }

  @Override
  public void getDCLocationInfo(
      GetDCLocationInfoRequest request, StreamObserver<GetDCLocationInfoResponse> out) {
    Gate.reply(out, () -> GetDCLocationInfoResponse.newBuilder().setHeader(gate.header()).build());
  }

  @Override
  public void scatterRegion(
      ScatterRegionRequest request, StreamObserver<ScatterRegionResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> ScheduleCalls.scatter(session, request),
        header -> ScatterRegionResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void getOperator(GetOperatorRequest request, StreamObserver<GetOperatorResponse> out) {
    gate.answer(
        out,
        request.getHeader(),
        session -> ScheduleCalls.operator(session, request),
        header -> GetOperatorResponse.newBuilder().setHeader(header).build());
  }
}
