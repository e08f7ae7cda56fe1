package io.rutile.pd.service;

import io.grpc.Status;
import io.rutile.pd.cluster.Cluster;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.StoreInfo;
import io.rutile.proto.pdpb.GetAllStoresRequest;
import io.rutile.proto.pdpb.GetAllStoresResponse;
import io.rutile.proto.pdpb.GetStoreRequest;
import io.rutile.proto.pdpb.GetStoreResponse;
import io.rutile.proto.pdpb.PutStoreRequest;
import io.rutile.proto.pdpb.PutStoreResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.proto.replicationmodepb.ReplicationMode;
import io.rutile.proto.replicationmodepb.ReplicationStatus;

/** Calls about stores. */
final class StoreCalls {
  static final ReplicationStatus MAJORITY =
      ReplicationStatus.newBuilder().setMode(ReplicationMode.MAJORITY).build();

  private StoreCalls() {}

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  static GetStoreResponse get(LeaderSession session, GetStoreRequest request) {
    StoreInfo store = session.cluster().store(request.getStoreId());
    return GetStoreResponse.newBuilder()
        .setHeader(header(session))
        .setStore(store.meta())
        .setStats(store.stats())
        .build();
  }

  static PutStoreResponse put(LeaderSession session, PutStoreRequest request) {
    session.cluster().putStore(request.getStore());
    return PutStoreResponse.newBuilder()
        .setHeader(header(session))
        .setReplicationStatus(MAJORITY)
        .build();
  }

  static GetAllStoresResponse all(LeaderSession session, GetAllStoresRequest request) {
    GetAllStoresResponse.Builder response =
        GetAllStoresResponse.newBuilder().setHeader(header(session));
    for (StoreInfo store : session.cluster().image().storeList()) {
      if (!request.getExcludeTombstoneStores() || !store.isRemoved()) {
        response.addStores(store.meta());
      }
    }
    return response.build();
  }

  static StoreHeartbeatResponse heartbeat(LeaderSession session, StoreHeartbeatRequest request) {
    if (!request.hasStats()) {
      throw Status.UNKNOWN
          .withDescription("invalid store heartbeat command, but stats are missing")
          .asRuntimeException();
    }
    Cluster cluster = session.cluster();
    StoreInfo store = cluster.heartbeat(request.getStats());
    return StoreHeartbeatResponse.newBuilder()
        .setHeader(header(session))
        .setReplicationStatus(MAJORITY)
        .setClusterVersion(cluster.version().toString())
        .setState(store.meta().getNodeState())
        .build();
  }
}
