package io.rutile.pd.service;

import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.AskBatchSplitRequest;
import io.rutile.proto.pdpb.AskBatchSplitResponse;
import io.rutile.proto.pdpb.AskSplitRequest;
import io.rutile.proto.pdpb.AskSplitResponse;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.ReportBatchSplitRequest;
import io.rutile.proto.pdpb.ReportBatchSplitResponse;
import io.rutile.proto.pdpb.ReportSplitRequest;
import io.rutile.proto.pdpb.ReportSplitResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.SplitID;
import java.util.List;

/** Calls of a region's leader that wants to split. The map changes by heartbeats only. */
final class SplitCalls {
  private SplitCalls() {}

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  private static void checkAllowed(LeaderSession session, Region asked) {
    ScheduleConfig schedule = session.cluster().image().config().schedule();
    if (schedule.haltScheduling()) {
      throw ClusterException.unknown("scheduling is halted");
    }
    if (!schedule.enableTikvSplitRegion()) {
      throw ClusterException.unknown("TiKV split region is disabled");
    }
    RegionInfo known = session.cluster().image().regions().region(asked.getId());
    if (known == null) {
      throw new ClusterException(
          ErrorType.REGION_NOT_FOUND, "region " + asked.getId() + " not found");
    }
    RegionEpoch epoch = asked.getRegionEpoch();
    if (epoch.getVersion() < known.epoch().getVersion()
        || epoch.getConfVer() < known.epoch().getConfVer()) {
      throw ClusterException.unknown(
          "invalid region epoch, request: %d/%d, current: %d/%d"
              .formatted(
                  epoch.getConfVer(),
                  epoch.getVersion(),
                  known.epoch().getConfVer(),
                  known.epoch().getVersion()));
    }
  }

  static AskSplitResponse ask(LeaderSession session, AskSplitRequest request) {
    checkAllowed(session, request.getRegion());
    SplitID ids = newRegion(session, request.getRegion());
    return AskSplitResponse.newBuilder()
        .setHeader(header(session))
        .setNewRegionId(ids.getNewRegionId())
        .addAllNewPeerIds(ids.getNewPeerIdsList())
        .build();
  }

  static AskBatchSplitResponse askBatch(LeaderSession session, AskBatchSplitRequest request) {
    checkAllowed(session, request.getRegion());
    AskBatchSplitResponse.Builder response =
        AskBatchSplitResponse.newBuilder().setHeader(header(session));
    for (int i = 0; i < request.getSplitCount(); i++) {
      response.addIds(newRegion(session, request.getRegion()));
    }
    return response.build();
  }

  private static SplitID newRegion(LeaderSession session, Region region) {
    int peers = region.getPeersCount();
    long last = session.ids().allocate(peers + 1L);
    session.cluster().noteSplit(region.getId(), last - peers);
    SplitID.Builder ids = SplitID.newBuilder().setNewRegionId(last - peers);
    for (int i = peers - 1; i >= 0; i--) {
      ids.addNewPeerIds(last - i);
    }
    return ids.build();
  }

  static ReportSplitResponse report(LeaderSession session, ReportSplitRequest request) {
    session.cluster();
    checkAdjacent(List.of(request.getLeft(), request.getRight()));
    return ReportSplitResponse.newBuilder().setHeader(header(session)).build();
  }

  static ReportBatchSplitResponse reportBatch(
      LeaderSession session, ReportBatchSplitRequest request) {
    session.cluster();
    checkAdjacent(request.getRegionsList());
    return ReportBatchSplitResponse.newBuilder().setHeader(header(session)).build();
  }

  private static void checkAdjacent(List<Region> regions) {
    if (regions.isEmpty()) {
      throw ClusterException.unknown("invalid split regions, nil region");
    }
    for (int i = 1; i < regions.size(); i++) {
      if (!regions.get(i - 1).getEndKey().equals(regions.get(i).getStartKey())) {
        throw ClusterException.unknown("invalid split regions, invalid region range");
      }
    }
  }
}
