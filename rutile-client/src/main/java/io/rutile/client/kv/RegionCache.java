package io.rutile.client.kv;

import io.rutile.base.bytes.Bytes;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Regions by start key, filled from PD on a miss and corrected by region errors. A stale entry
 * costs a repeated request, never a wrong answer: stores check the epoch. Safe for use by any
 * thread.
 */
final class RegionCache {
  private final PdClient pd;
  private final ConcurrentSkipListMap<byte[], CachedRegion> byStart =
      new ConcurrentSkipListMap<>(Bytes.ORDER);
  private final ConcurrentHashMap<Long, String> storeAddresses = new ConcurrentHashMap<>();

  RegionCache(PdClient pd) {
    this.pd = pd;
  }

  /** The region of {@code regionKey}; empty while PD knows none. Blocks on PD on a miss. */
  Optional<CachedRegion> locate(byte[] regionKey) {
    Map.Entry<byte[], CachedRegion> floor = byStart.floorEntry(regionKey);
    if (floor != null && floor.getValue().contains(regionKey)) {
      return Optional.of(floor.getValue());
    }
    Optional<RegionInfo> found = PdClient.await(pd.getRegion(regionKey));
    if (found.isEmpty() || found.get().region().getPeersCount() == 0) {
      return Optional.empty();
    }
    Region meta = found.get().region();
    Peer leader = found.get().leader();
    CachedRegion region = CachedRegion.of(meta, leader != null ? leader : meta.getPeers(0));
    byStart.put(region.startKey(), region);
    return Optional.of(region);
  }

  /** Address of a store, from PD on first use. */
  String address(long storeId) {
    return storeAddresses.computeIfAbsent(
        storeId,
        id -> {
          Store store = PdClient.await(pd.getStore(id));
          return store.getAddress();
        });
  }

  void forget(CachedRegion region) {
    byStart.remove(region.startKey(), region);
  }

  /** The store could not be reached: it may have a new address. */
  void forgetStore(long storeId) {
    storeAddresses.remove(storeId);
  }

  void leaderIs(CachedRegion region, Peer leader) {
    byStart.replace(region.startKey(), region, CachedRegion.of(region.meta(), leader));
  }

  /**
   * Takes the regions that a store named in place of {@code old}, keeping its leader's store where
   * it has a peer.
   */
  void replace(CachedRegion old, List<Region> current) {
    forget(old);
    for (Region meta : current) {
      meta.getPeersList().stream()
          .filter(peer -> peer.getStoreId() == old.leader().getStoreId())
          .findFirst()
          .ifPresent(peer -> {
            CachedRegion region = CachedRegion.of(meta, peer);
            byStart.put(region.startKey(), region);
          });
    }
  }
}
