package io.rutile.pd.service;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.RegionImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.metapb.Buckets;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.pdpb.BatchScanRegionsRequest;
import io.rutile.proto.pdpb.BatchScanRegionsResponse;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.GetRegionByIDRequest;
import io.rutile.proto.pdpb.GetRegionRequest;
import io.rutile.proto.pdpb.GetRegionResponse;
import io.rutile.proto.pdpb.KeyRange;
import io.rutile.proto.pdpb.QueryRegionRequest;
import io.rutile.proto.pdpb.QueryRegionResponse;
import io.rutile.proto.pdpb.Region;
import io.rutile.proto.pdpb.RegionResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.ScanRegionsRequest;
import io.rutile.proto.pdpb.ScanRegionsResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads of region metadata, each from one published image. A missing region is no error. */
final class RegionCalls {
  private RegionCalls() {}

  private static RegionImage regions(LeaderSession session) {
    return session.cluster().image().regions();
  }

  private static ResponseHeader header(LeaderSession session) {
    return ResponseHeader.newBuilder().setClusterId(session.clusterId()).build();
  }

  static GetRegionResponse byKey(LeaderSession session, GetRegionRequest request) {
    byte[] key = request.getRegionKey().toByteArray();
    return respond(session, regions(session).tree().find(key), request.getNeedBuckets());
  }

  static GetRegionResponse previous(LeaderSession session, GetRegionRequest request) {
    byte[] key = request.getRegionKey().toByteArray();
    return respond(session, regions(session).tree().previous(key), request.getNeedBuckets());
  }

  static GetRegionResponse byId(LeaderSession session, GetRegionByIDRequest request) {
    return respond(
        session, regions(session).region(request.getRegionId()), request.getNeedBuckets());
  }

  private static GetRegionResponse respond(
      LeaderSession session, @Nullable RegionInfo region, boolean needBuckets) {
    GetRegionResponse.Builder response = GetRegionResponse.newBuilder().setHeader(header(session));
    if (region == null) {
      return response.build();
    }
    response
        .setRegion(region.meta())
        .addAllDownPeers(region.downPeers())
        .addAllPendingPeers(region.pendingPeers());
    Peer leader = region.leader();
    if (leader != null) {
      response.setLeader(leader);
    }
    Buckets buckets = region.flow().buckets();
    if (needBuckets && buckets != null) {
      response.setBuckets(buckets);
    }
    return response.build();
  }

  static ScanRegionsResponse scan(LeaderSession session, ScanRegionsRequest request) {
    ScanRegionsResponse.Builder response =
        ScanRegionsResponse.newBuilder().setHeader(header(session));
    List<RegionInfo> found =
        regions(session)
            .tree()
            .scan(
                request.getStartKey().toByteArray(),
                request.getEndKey().toByteArray(),
                request.getLimit());
    for (RegionInfo region : found) {
      response.addRegionMetas(region.meta());
      response.addLeaders(leaderOf(region));
      response.addRegions(describe(region, false));
    }
    return response.build();
  }

  private static Peer leaderOf(RegionInfo region) {
    Peer leader = region.leader();
    return leader == null ? Peer.getDefaultInstance() : leader;
  }

  private static Region describe(RegionInfo region, boolean needBuckets) {
    Region.Builder described =
        Region.newBuilder()
            .setRegion(region.meta())
            .setLeader(leaderOf(region))
            .addAllDownPeers(region.downPeers())
            .addAllPendingPeers(region.pendingPeers());
    Buckets buckets = region.flow().buckets();
    if (needBuckets && buckets != null) {
      described.setBuckets(buckets);
    }
    return described.build();
  }

  static BatchScanRegionsResponse batchScan(
      LeaderSession session, BatchScanRegionsRequest request) {
    checkOrdered(request.getRangesList());
    RegionImage image = regions(session);
    List<RegionInfo> found = new ArrayList<>();
    for (KeyRange range : request.getRangesList()) {
      int left = request.getLimit() <= 0 ? 0 : request.getLimit() - found.size();
      if (request.getLimit() > 0 && left == 0) {
        break;
      }
      byte[] start = range.getStartKey().toByteArray();
      byte[] end = range.getEndKey().toByteArray();
      List<RegionInfo> part = image.tree().scan(start, end, left == 0 ? 0 : left + 1);
      boolean cut = left > 0 && part.size() >= left;
      if (request.getContainAllKeyRange()) {
        checkCovered(range, part, cut);
      }
      for (RegionInfo region : part) {
        boolean repeated = !found.isEmpty() && found.getLast().id() == region.id();
        if (!repeated && (request.getLimit() <= 0 || found.size() < request.getLimit())) {
          found.add(region);
        }
      }
    }
    BatchScanRegionsResponse.Builder response =
        BatchScanRegionsResponse.newBuilder().setHeader(header(session));
    found.forEach(region -> response.addRegions(describe(region, request.getNeedBuckets())));
    return response.build();
  }

  private static void checkOrdered(List<KeyRange> ranges) {
    ByteString end = ByteString.EMPTY;
    for (int i = 0; i < ranges.size(); i++) {
      KeyRange range = ranges.get(i);
      boolean backwards =
          !range.getEndKey().isEmpty() && compare(range.getStartKey(), range.getEndKey()) > 0;
      if (backwards) {
        throw ClusterException.unknown("invalid key range, start key > end key");
      }
      if (i > 0 && (end.isEmpty() || compare(range.getStartKey(), end) < 0)) {
        throw ClusterException.unknown("invalid key range, ranges overlapped");
      }
      end = range.getEndKey();
    }
  }

  private static int compare(ByteString a, ByteString b) {
    return ByteString.unsignedLexicographicalComparator().compare(a, b);
  }

  /** Regions cut off by the limit do not count as a gap. */
  private static void checkCovered(KeyRange range, List<RegionInfo> regions, boolean cut) {
    byte[] reached = range.getStartKey().toByteArray();
    boolean toLast = false;
    for (int i = 0; i < regions.size(); i++) {
      RegionInfo region = regions.get(i);
      int order = Bytes.compare(region.startKey(), reached);
      if (i == 0 ? order > 0 : order != 0) {
        throw gap(range, reached);
      }
      reached = region.endKey();
      toLast = reached.length == 0;
    }
    byte[] end = range.getEndKey().toByteArray();
    boolean covered =
        !regions.isEmpty() && (toLast || (end.length > 0 && Bytes.compare(reached, end) >= 0));
    if (!covered && !cut) {
      throw gap(range, reached);
    }
  }

  private static ClusterException gap(KeyRange range, byte[] at) {
    return new ClusterException(
        ErrorType.REGIONS_NOT_CONTAIN_ALL_KEY_RANGE,
        "found a hole region after %s in the range [%s, %s)"
            .formatted(
                Bytes.hex(at),
                Bytes.hex(range.getStartKey().toByteArray()),
                Bytes.hex(range.getEndKey().toByteArray())));
  }

  static QueryRegionResponse query(LeaderSession session, QueryRegionRequest request) {
    RegionImage image = regions(session);
    QueryRegionResponse.Builder response =
        QueryRegionResponse.newBuilder().setHeader(header(session));
    for (ByteString key : request.getKeysList()) {
      RegionInfo region = image.tree().find(key.toByteArray());
      response.addKeyIdMap(put(response, region, request.getNeedBuckets()));
    }
    for (ByteString key : request.getPrevKeysList()) {
      RegionInfo region = image.tree().previous(key.toByteArray());
      response.addPrevKeyIdMap(put(response, region, request.getNeedBuckets()));
    }
    for (long id : request.getIdsList()) {
      put(response, image.region(id), request.getNeedBuckets());
    }
    return response.build();
  }

  private static long put(
      QueryRegionResponse.Builder response, @Nullable RegionInfo region, boolean needBuckets) {
    if (region == null) {
      return 0;
    }
    RegionResponse.Builder described =
        RegionResponse.newBuilder()
            .setRegion(region.meta())
            .setLeader(leaderOf(region))
            .addAllDownPeers(region.downPeers())
            .addAllPendingPeers(region.pendingPeers());
    Buckets buckets = region.flow().buckets();
    if (needBuckets && buckets != null) {
      described.setBuckets(buckets);
    }
    response.putRegionsById(region.id(), described.build());
    return region.id();
  }
}
