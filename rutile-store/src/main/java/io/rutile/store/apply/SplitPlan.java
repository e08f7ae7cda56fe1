package io.rutile.store.apply;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.error.ErrorCategory;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftcmdpb.BatchSplitRequest;
import io.rutile.proto.raftcmdpb.SplitRequest;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayList;
import java.util.List;

/**
 * What a split makes of a region, as a pure function.
 *
 * @param regions all parts in key order, the one that keeps the id included
 * @param derivedIndex which of them keeps the id
 */
public record SplitPlan(List<Region> regions, int derivedIndex) {

  /**
   * @throws RegionErrorException when the keys do not lie in order strictly inside the region, or
   *     the ids do not fit its peers
   */
  public static SplitPlan of(RegionImage image, BatchSplitRequest request) {
    List<SplitRequest> parts = request.getRequestsList();
    checkKeys(image, parts);
    Region region = image.region();
    RegionEpoch epoch =
        region.getRegionEpoch().toBuilder()
            .setVersion(region.getRegionEpoch().getVersion() + parts.size())
            .build();
    List<ByteString> bounds = new ArrayList<>();
    bounds.add(region.getStartKey());
    parts.forEach(part -> bounds.add(part.getSplitKey()));
    bounds.add(region.getEndKey());
    boolean right = request.getRightDerive();
    List<Region> regions = new ArrayList<>();
    int next = 0;
    for (int i = 0; i <= parts.size(); i++) {
      boolean derived = i == (right ? parts.size() : 0);
      Region.Builder part = derived ? region.toBuilder() : newRegion(region, parts.get(next++));
      regions.add(
          part.setStartKey(bounds.get(i))
              .setEndKey(bounds.get(i + 1))
              .setRegionEpoch(epoch)
              .build());
    }
    return new SplitPlan(List.copyOf(regions), right ? parts.size() : 0);
  }

  public Region derived() {
    return regions.get(derivedIndex);
  }

  /** Checks split keys before ids are asked for. */
  public static void checkKeys(RegionImage image, List<SplitRequest> parts) {
    if (parts.isEmpty()) {
      throw refused("missing split requests");
    }
    byte[] last = image.start();
    for (SplitRequest part : parts) {
      byte[] key = part.getSplitKey().toByteArray();
      if (key.length == 0) {
        throw refused("missing split key");
      }
      if (Bytes.compare(key, last) <= 0) {
        throw refused(
            "split key " + Bytes.hex(key) + " is not above " + Bytes.hex(last) + " in " + image);
      }
      last = key;
    }
    if (!image.contains(last)) {
      throw RegionErrors.keyNotInRegion(last, image.id(), image.start(), image.end());
    }
  }

  private static Region.Builder newRegion(Region region, SplitRequest part) {
    if (part.getNewPeerIdsCount() != region.getPeersCount()) {
      throw refused(
          "invalid new peer id count, need "
              + region.getPeersCount()
              + ", but got "
              + part.getNewPeerIdsCount());
    }
    Region.Builder created = Region.newBuilder().setId(part.getNewRegionId());
    for (int i = 0; i < region.getPeersCount(); i++) {
      Peer peer = region.getPeers(i);
      created.addPeers(peer.toBuilder().setId(part.getNewPeerIds(i)));
    }
    return created;
  }

  private static RegionErrorException refused(String why) {
    return RegionErrors.message("KV:Raftstore:Unknown", ErrorCategory.CALLER, why);
  }
}
