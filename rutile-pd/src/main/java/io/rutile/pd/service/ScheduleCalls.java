package io.rutile.pd.service;

import com.google.protobuf.ByteString;
import io.rutile.pd.cluster.Cluster;
import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.GetOperatorRequest;
import io.rutile.proto.pdpb.GetOperatorResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.ScatterRegionRequest;
import io.rutile.proto.pdpb.ScatterRegionResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Calls that ask for scheduling or about it; the work is done on the cluster loop. */
final class ScheduleCalls {
  private ScheduleCalls() {}

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  static ScatterRegionResponse scatter(LeaderSession session, ScatterRegionRequest request) {
    if (request.getRegionsIdCount() > 0) {
      return scatterAll(session, request);
    }
    long id = oldRegionId(request);
    String refusal = ask(session.cluster(), id, request.getGroup()).orElse("");
    if (!refusal.isEmpty()) {
      throw ClusterException.unknown(refusal);
    }
    return ScatterRegionResponse.newBuilder()
        .setHeader(header(session))
        .setFinishedPercentage(100)
        .build();
  }

  @SuppressWarnings("deprecation") // older clients name one region this way
  private static long oldRegionId(ScatterRegionRequest request) {
    return request.getRegionId() == 0 ? request.getRegion().getId() : request.getRegionId();
  }

  private static Optional<String> ask(Cluster cluster, long regionId, String group) {
    return cluster
        .loop()
        .call(() ->
            Optional.ofNullable(cluster.scheduling().scatter(cluster.image(), regionId, group)))
        .join();
  }

  private static ScatterRegionResponse scatterAll(
      LeaderSession session, ScatterRegionRequest request) {
    Cluster cluster = session.cluster();
    List<Long> failed = new ArrayList<>();
    for (long id : request.getRegionsIdList()) {
      if (ask(cluster, id, request.getGroup()).isPresent()) {
        failed.add(id);
      }
    }
    int total = request.getRegionsIdCount();
    return ScatterRegionResponse.newBuilder()
        .setHeader(header(session))
        .setFinishedPercentage((total - failed.size()) * 100L / total)
        .addAllFailedRegionsId(failed)
        .build();
  }

  static GetOperatorResponse operator(LeaderSession session, GetOperatorRequest request) {
    Cluster cluster = session.cluster();
    Optional<Operator> found =
        cluster
            .loop()
            .call(() ->
                Optional.ofNullable(cluster.scheduling().operators().latest(request.getRegionId())))
            .join();
    Operator operator =
        found.orElseThrow(() -> new ClusterException(ErrorType.REGION_NOT_FOUND, "Not Found"));
    return GetOperatorResponse.newBuilder()
        .setHeader(header(session))
        .setRegionId(request.getRegionId())
        .setDesc(ByteString.copyFromUtf8(operator.description()))
        .setKind(ByteString.copyFromUtf8(operator.kind().wireName()))
        .setStatus(operator.status())
        .build();
  }
}
