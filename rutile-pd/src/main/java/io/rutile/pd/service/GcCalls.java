package io.rutile.pd.service;

import com.google.protobuf.ByteString;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.gc.GcBarrier;
import io.rutile.pd.gc.GcScope;
import io.rutile.pd.gc.GcStates;
import io.rutile.proto.pdpb.AdvanceGCSafePointRequest;
import io.rutile.proto.pdpb.AdvanceGCSafePointResponse;
import io.rutile.proto.pdpb.AdvanceTxnSafePointRequest;
import io.rutile.proto.pdpb.AdvanceTxnSafePointResponse;
import io.rutile.proto.pdpb.DeleteGCBarrierRequest;
import io.rutile.proto.pdpb.DeleteGCBarrierResponse;
import io.rutile.proto.pdpb.DeleteGlobalGCBarrierRequest;
import io.rutile.proto.pdpb.DeleteGlobalGCBarrierResponse;
import io.rutile.proto.pdpb.GCBarrierInfo;
import io.rutile.proto.pdpb.GCSafePointV2;
import io.rutile.proto.pdpb.GCState;
import io.rutile.proto.pdpb.GetAllGCSafePointV2Response;
import io.rutile.proto.pdpb.GetAllKeyspacesGCStatesRequest;
import io.rutile.proto.pdpb.GetAllKeyspacesGCStatesResponse;
import io.rutile.proto.pdpb.GetGCSafePointResponse;
import io.rutile.proto.pdpb.GetGCSafePointV2Request;
import io.rutile.proto.pdpb.GetGCSafePointV2Response;
import io.rutile.proto.pdpb.GetGCStateRequest;
import io.rutile.proto.pdpb.GetGCStateResponse;
import io.rutile.proto.pdpb.GlobalGCBarrierInfo;
import io.rutile.proto.pdpb.GlobalGCBarriersInfo;
import io.rutile.proto.pdpb.KeyspaceScope;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.SetGCBarrierRequest;
import io.rutile.proto.pdpb.SetGCBarrierResponse;
import io.rutile.proto.pdpb.SetGlobalGCBarrierRequest;
import io.rutile.proto.pdpb.SetGlobalGCBarrierResponse;
import io.rutile.proto.pdpb.UpdateGCSafePointRequest;
import io.rutile.proto.pdpb.UpdateGCSafePointResponse;
import io.rutile.proto.pdpb.UpdateGCSafePointV2Request;
import io.rutile.proto.pdpb.UpdateGCSafePointV2Response;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.rutile.proto.pdpb.UpdateServiceGCSafePointResponse;
import io.rutile.proto.pdpb.UpdateServiceSafePointV2Request;
import io.rutile.proto.pdpb.UpdateServiceSafePointV2Response;
import org.jspecify.annotations.Nullable;

/** Calls about garbage collection, the older and the newer family. */
final class GcCalls {
  private GcCalls() {}

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  private static long keyspace(KeyspaceScope scope) {
    return scope.hasKeyspaceId() ? Integer.toUnsignedLong(scope.getKeyspaceId()) : GcScope.UNIFIED;
  }

  static GetGCSafePointResponse get(LeaderSession session) {
    return GetGCSafePointResponse.newBuilder()
        .setHeader(header(session))
        .setSafePoint(session.gc().gcSafePoint(GcScope.of(GcScope.UNIFIED)))
        .build();
  }

  static UpdateGCSafePointResponse update(LeaderSession session, UpdateGCSafePointRequest request) {
    return UpdateGCSafePointResponse.newBuilder()
        .setHeader(header(session))
        .setNewSafePoint(session.gc().updateGcSafePoint(GcScope.UNIFIED, request.getSafePoint()))
        .build();
  }

  static UpdateServiceGCSafePointResponse updateService(
      LeaderSession session, UpdateServiceGCSafePointRequest request) {
    GcStates.ServiceSafePoint answer =
        session
            .gc()
            .updateService(
                GcScope.UNIFIED,
                request.getServiceId().toStringUtf8(),
                request.getTTL(),
                request.getSafePoint());
    return UpdateServiceGCSafePointResponse.newBuilder()
        .setHeader(header(session))
        .setServiceId(ByteString.copyFromUtf8(answer.serviceId()))
        .setTTL(answer.ttlSeconds())
        .setMinSafePoint(answer.minSafePoint())
        .build();
  }

  static GetGCSafePointV2Response getV2(LeaderSession session, GetGCSafePointV2Request request) {
    GcScope scope = session.gc().userScope(Integer.toUnsignedLong(request.getKeyspaceId()));
    return GetGCSafePointV2Response.newBuilder()
        .setHeader(header(session))
        .setSafePoint(session.gc().gcSafePoint(scope))
        .build();
  }

  static UpdateGCSafePointV2Response updateV2(
      LeaderSession session, UpdateGCSafePointV2Request request) {
    long keyspace = Integer.toUnsignedLong(request.getKeyspaceId());
    return UpdateGCSafePointV2Response.newBuilder()
        .setHeader(header(session))
        .setNewSafePoint(session.gc().updateGcSafePoint(keyspace, request.getSafePoint()))
        .build();
  }

  static UpdateServiceSafePointV2Response updateServiceV2(
      LeaderSession session, UpdateServiceSafePointV2Request request) {
    GcStates.ServiceSafePoint answer =
        session
            .gc()
            .updateService(
                Integer.toUnsignedLong(request.getKeyspaceId()),
                request.getServiceId().toStringUtf8(),
                request.getTtl(),
                request.getSafePoint());
    return UpdateServiceSafePointV2Response.newBuilder()
        .setHeader(header(session))
        .setServiceId(ByteString.copyFromUtf8(answer.serviceId()))
        .setTtl(answer.ttlSeconds())
        .setMinSafePoint(answer.minSafePoint())
        .build();
  }

  static GetAllGCSafePointV2Response allV2(LeaderSession session) {
    GetAllGCSafePointV2Response.Builder response =
        GetAllGCSafePointV2Response.newBuilder()
            .setHeader(header(session))
            .setRevision(session.meta().store().revision());
    for (GcStates.State state : session.gc().allStates()) {
      if (!state.scope().isUnified()) {
        response.addGcSafePoints(
            GCSafePointV2.newBuilder()
                .setKeyspaceId((int) state.scope().keyspaceId())
                .setGcSafePoint(state.gcSafePoint()));
      }
    }
    return response.build();
  }

  static AdvanceTxnSafePointResponse advanceTxn(
      LeaderSession session, AdvanceTxnSafePointRequest request) {
    GcStates.TxnAdvance advance =
        session.gc().advanceTxnSafePoint(keyspace(request.getKeyspaceScope()), request.getTarget());
    return AdvanceTxnSafePointResponse.newBuilder()
        .setHeader(header(session))
        .setOldTxnSafePoint(advance.old())
        .setNewTxnSafePoint(advance.now())
        .setBlockerDescription(advance.blocker())
        .build();
  }

  static AdvanceGCSafePointResponse advanceGc(
      LeaderSession session, AdvanceGCSafePointRequest request) {
    GcStates.GcAdvance advance =
        session.gc().advanceGcSafePoint(keyspace(request.getKeyspaceScope()), request.getTarget());
    return AdvanceGCSafePointResponse.newBuilder()
        .setHeader(header(session))
        .setOldGcSafePoint(advance.old())
        .setNewGcSafePoint(advance.now())
        .build();
  }

  private static GCBarrierInfo info(GcStates gc, GcBarrier barrier) {
    return GCBarrierInfo.newBuilder()
        .setBarrierId(barrier.id())
        .setBarrierTs(barrier.ts())
        .setTtlSeconds(barrier.ttlSeconds(gc.nowSeconds()))
        .build();
  }

  private static GlobalGCBarrierInfo globalInfo(GcStates gc, GcBarrier barrier) {
    return GlobalGCBarrierInfo.newBuilder()
        .setBarrierId(barrier.id())
        .setBarrierTs(barrier.ts())
        .setTtlSeconds(barrier.ttlSeconds(gc.nowSeconds()))
        .build();
  }

  static SetGCBarrierResponse setBarrier(LeaderSession session, SetGCBarrierRequest request) {
    GcBarrier barrier =
        session
            .gc()
            .setBarrier(
                keyspace(request.getKeyspaceScope()),
                request.getBarrierId(),
                request.getBarrierTs(),
                request.getTtlSeconds());
    return SetGCBarrierResponse.newBuilder()
        .setHeader(header(session))
        .setNewBarrierInfo(info(session.gc(), barrier))
        .build();
  }

  static DeleteGCBarrierResponse deleteBarrier(
      LeaderSession session, DeleteGCBarrierRequest request) {
    GcBarrier held =
        session.gc().deleteBarrier(keyspace(request.getKeyspaceScope()), request.getBarrierId());
    DeleteGCBarrierResponse.Builder response =
        DeleteGCBarrierResponse.newBuilder().setHeader(header(session));
    if (held != null) {
      response.setDeletedBarrierInfo(info(session.gc(), held));
    }
    return response.build();
  }

  static SetGlobalGCBarrierResponse setGlobal(
      LeaderSession session, SetGlobalGCBarrierRequest request) {
    GcBarrier barrier =
        session
            .gc()
            .setGlobalBarrier(
                request.getBarrierId(), request.getBarrierTs(), request.getTtlSeconds());
    return SetGlobalGCBarrierResponse.newBuilder()
        .setHeader(header(session))
        .setNewBarrierInfo(globalInfo(session.gc(), barrier))
        .build();
  }

  static DeleteGlobalGCBarrierResponse deleteGlobal(
      LeaderSession session, DeleteGlobalGCBarrierRequest request) {
    @Nullable GcBarrier held = session.gc().deleteGlobalBarrier(request.getBarrierId());
    DeleteGlobalGCBarrierResponse.Builder response =
        DeleteGlobalGCBarrierResponse.newBuilder().setHeader(header(session));
    if (held != null) {
      response.setDeletedBarrierInfo(globalInfo(session.gc(), held));
    }
    return response.build();
  }

  private static GCState describe(GcStates gc, GcStates.State state, boolean withoutBarriers) {
    GCState.Builder described =
        GCState.newBuilder()
            .setKeyspaceScope(
                KeyspaceScope.newBuilder().setKeyspaceId((int) state.scope().keyspaceId()))
            .setIsKeyspaceLevelGc(!state.scope().isUnified())
            .setTxnSafePoint(state.txnSafePoint())
            .setGcSafePoint(state.gcSafePoint());
    if (!withoutBarriers) {
      for (GcBarrier barrier : state.barriers()) {
        if (!barrier.id().equals(GcStates.GC_WORKER)) {
          described.addGcBarriers(info(gc, barrier));
        }
      }
    }
    return described.build();
  }

  static GetGCStateResponse state(LeaderSession session, GetGCStateRequest request) {
    GcStates gc = session.gc();
    GcScope scope = gc.userScope(keyspace(request.getKeyspaceScope()));
    GetGCStateResponse.Builder response =
        GetGCStateResponse.newBuilder()
            .setHeader(header(session))
            .setGcState(describe(gc, gc.state(scope), request.getExcludeGcBarriers()));
    if (request.getIncludeGlobalGcBarriers()) {
      GlobalGCBarriersInfo.Builder global = GlobalGCBarriersInfo.newBuilder();
      gc.globalBarriers().forEach(barrier -> global.addBarriers(globalInfo(gc, barrier)));
      response.setGlobalGcBarriers(global);
    }
    return response.build();
  }

  static GetAllKeyspacesGCStatesResponse allStates(
      LeaderSession session, GetAllKeyspacesGCStatesRequest request) {
    GcStates gc = session.gc();
    GetAllKeyspacesGCStatesResponse.Builder response =
        GetAllKeyspacesGCStatesResponse.newBuilder().setHeader(header(session));
    for (GcStates.State state : gc.allStates()) {
      response.addGcStates(describe(gc, state, request.getExcludeGcBarriers()));
    }
    if (!request.getExcludeGlobalGcBarriers()) {
      gc.globalBarriers().forEach(barrier -> response.addGlobalGcBarriers(globalInfo(gc, barrier)));
    }
    return response.build();
  }
}
