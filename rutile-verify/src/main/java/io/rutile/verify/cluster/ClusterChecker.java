package io.rutile.verify.cluster;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.testing.SimCluster;
import java.util.Comparator;
import java.util.List;

/** What must hold of regions: at every moment, and when the trouble is over. */
final class ClusterChecker {
  private final SimCluster cluster;
  private long checkedNanos = -1;

  ClusterChecker(SimCluster cluster) {
    this.cluster = cluster;
  }

  /** At every moment: one lease for a region at most. Leases are looked at when time has moved. */
  void everyStep() {
    long now = cluster.clock().monotonicNanos();
    if (now == checkedNanos) {
      return;
    }
    checkedNanos = now;
    for (RegionHeartbeatRequest report : cluster.pd().reports()) {
      Region region = report.getRegion();
      int holder = -1;
      for (int i = 0; i < cluster.size(); i++) {
        if (cluster.leased(i, region.getId())) {
          if (holder >= 0) {
            throw new ClusterViolation(
                "stores " + holder + " and " + i + " both hold a lease of region " + region);
          }
          holder = i;
        }
      }
    }
  }

  /** At the end: regions cover all keys once. */
  void checkTiling() {
    List<Region> regions =
        cluster.pd().reports().stream()
            .map(RegionHeartbeatRequest::getRegion)
            .sorted(Comparator.comparing(region -> region.getStartKey().toByteArray(), Bytes.ORDER))
            .toList();
    byte[] end = new byte[0];
    for (Region region : regions) {
      if (Bytes.compare(region.getStartKey().toByteArray(), end) != 0) {
        throw new ClusterViolation("regions do not tile the key space: " + regions);
      }
      end = region.getEndKey().toByteArray();
    }
    if (end.length != 0) {
      throw new ClusterViolation("the last region ends at " + Bytes.hex(end));
    }
  }

  /** Whether all replicas of all regions hold the same data; they do once all is applied. */
  boolean replicasEqual() {
    return firstDifference().isEmpty();
  }

  /** Where replicas differ, in words; empty when they do not. */
  String firstDifference() {
    for (RegionHeartbeatRequest report : cluster.pd().reports()) {
      Region region = report.getRegion();
      Peer first = region.getPeers(0);
      for (Peer peer : region.getPeersList()) {
        for (Cf cf : Cf.data()) {
          String difference = compare(cf, region, first.getStoreId(), peer.getStoreId());
          if (!difference.isEmpty()) {
            return difference;
          }
        }
      }
    }
    return "";
  }

  private String compare(Cf cf, Region region, long left, long right) {
    try (EngineIterator a = iterator(cf, region, left);
        EngineIterator b = iterator(cf, region, right)) {
      a.seekToFirst();
      b.seekToFirst();
      while (a.valid() && b.valid()) {
        if (Bytes.compare(a.key(), b.key()) != 0 || Bytes.compare(a.value(), b.value()) != 0) {
          break;
        }
        a.next();
        b.next();
      }
      if (!a.valid() && !b.valid()) {
        return "";
      }
      byte[] key = a.valid() ? a.key() : b.key();
      return "region "
          + region.getId()
          + ": "
          + cf
          + " on stores "
          + left
          + " and "
          + right
          + " differs at "
          + Bytes.hex(key);
    }
  }

  private EngineIterator iterator(Cf cf, Region region, long storeId) {
    EngineIterator iterator =
        cluster
            .engine(cluster.indexOf(storeId))
            .iterator(
                cf,
                DataKeys.of(region.getStartKey().toByteArray()),
                DataKeys.endOf(region.getEndKey().toByteArray()),
                ReadOptions.DEFAULT);
    return iterator;
  }
}
