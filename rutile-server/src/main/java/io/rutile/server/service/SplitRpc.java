package io.rutile.server.service;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.kvrpcpb.SplitRegionResponse;
import io.rutile.proto.metapb.Region;
import io.rutile.store.Store;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Splitting a region on request. Clients name user keys; regions are bounded by encoded ones,
 * except for raw data of API V1, which is stored as it comes. Immutable; any thread may use it.
 */
record SplitRpc(Store store, APIVersion apiVersion) {
  CompletionStage<SplitRegionResponse> split(SplitRegionRequest request) {
    return store
        .splitRegion(
            request.getContext().getRegionId(),
            request.getContext().getRegionEpoch(),
            splitKeys(request))
        .thenApply(SplitRpc::response);
  }

  @SuppressWarnings("deprecation") // Old clients send the single key.
  private List<byte[]> splitKeys(SplitRegionRequest request) {
    List<ByteString> keys =
        request.getSplitKeysCount() > 0
            ? request.getSplitKeysList()
            : List.of(request.getSplitKey());
    boolean asTheyCome = request.getIsRawKv() && apiVersion != APIVersion.V2;
    return keys.stream()
        .map(ByteString::toByteArray)
        .map(key -> asTheyCome ? key : KeyCodec.encode(key))
        .sorted(Bytes.ORDER)
        .toList();
  }

  @SuppressWarnings("deprecation") // Old clients read left and right.
  private static SplitRegionResponse response(List<Region> regions) {
    SplitRegionResponse.Builder response = SplitRegionResponse.newBuilder().addAllRegions(regions);
    if (regions.size() == 2) {
      response.setLeft(regions.get(0)).setRight(regions.get(1));
    }
    return response.build();
  }
}
