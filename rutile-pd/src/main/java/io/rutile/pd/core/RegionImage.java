package io.rutile.pd.core;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All regions, by key, by id and by store. Immutable; a change gives a new image in O(peers log n).
 *
 * @param tree regions by start key, none overlapping another
 * @param byId the same regions by id
 * @param byStore what each store holds
 * @param totalSizeMib sum of the approximate sizes
 */
public record RegionImage(
    RegionTree tree, LongTree<RegionInfo> byId, LongTree<StoreRegions> byStore, long totalSizeMib) {
  public static final RegionImage EMPTY =
      new RegionImage(RegionTree.EMPTY, LongTree.empty(), LongTree.empty(), 0);

  public int size() {
    return byId.size();
  }

  public @Nullable RegionInfo region(long id) {
    return byId.get(id);
  }

  public StoreRegions onStore(long storeId) {
    StoreRegions held = byStore.get(storeId);
    return held == null ? StoreRegions.NONE : held;
  }

  /** Average approximate size in MiB; 0 without regions. */
  public long averageSizeMib() {
    return size() == 0 ? 0 : totalSizeMib / size();
  }

  /**
   * Why the report must not replace what is known, or null when it may. A report is stale when a
   * newer region covers part of its range, or when the same region was seen with a later term or
   * epoch.
   */
  public @Nullable String staleness(RegionInfo report) {
    RegionInfo known = byId.get(report.id());
    if (known == null || !sameRange(known, report)) {
      for (RegionInfo other : tree.overlaps(report.startKey(), report.endKey())) {
        if (report.epoch().getVersion() < other.epoch().getVersion()) {
          return "region is stale: " + report + ", overlaps " + other;
        }
      }
    }
    if (known != null
        && (report.term() < known.term()
            || report.epoch().getVersion() < known.epoch().getVersion()
            || report.epoch().getConfVer() < known.epoch().getConfVer())) {
      return "region is stale: " + report + ", known " + known;
    }
    return null;
  }

  private static boolean sameRange(RegionInfo a, RegionInfo b) {
    return Bytes.compare(a.startKey(), b.startKey()) == 0
        && Bytes.compare(a.endKey(), b.endKey()) == 0;
  }

  /** Regions of other ids that give way when {@code region} is put. */
  public List<RegionInfo> displacedBy(RegionInfo region) {
    List<RegionInfo> displaced = new ArrayList<>();
    RegionInfo known = byId.get(region.id());
    if (known != null && sameRange(known, region)) {
      return displaced;
    }
    for (RegionInfo other : tree.overlaps(region.startKey(), region.endKey())) {
      if (other.id() != region.id()) {
        displaced.add(other);
      }
    }
    return displaced;
  }

  /** With {@code region} put and all that it overlaps removed. */
  public RegionImage put(RegionInfo region) {
    RegionImage image = this;
    for (RegionInfo other : displacedBy(region)) {
      image = image.remove(other.id());
    }
    RegionInfo known = image.byId.get(region.id());
    RegionTree changedTree = image.tree;
    if (known != null && Bytes.compare(known.startKey(), region.startKey()) != 0) {
      changedTree = changedTree.remove(known.startKey());
    }
    return new RegionImage(
        changedTree.put(region),
        image.byId.put(region.id(), region),
        restored(image.byStore, known, region),
        image.totalSizeMib - (known == null ? 0 : known.sizeMib()) + region.sizeMib());
  }

  public RegionImage remove(long regionId) {
    RegionInfo known = byId.get(regionId);
    if (known == null) {
      return this;
    }
    return new RegionImage(
        tree.remove(known.startKey()),
        byId.remove(regionId),
        restored(byStore, known, null),
        totalSizeMib - known.sizeMib());
  }

  private static LongTree<StoreRegions> restored(
      LongTree<StoreRegions> byStore, @Nullable RegionInfo old, @Nullable RegionInfo now) {
    Set<Long> touched = new LinkedHashSet<>();
    collectStores(old, touched);
    collectStores(now, touched);
    LongTree<StoreRegions> changed = byStore;
    for (long storeId : touched) {
      StoreRegions.Share before = old == null ? null : StoreRegions.Share.of(old, storeId);
      StoreRegions.Share after = now == null ? null : StoreRegions.Share.of(now, storeId);
      long oldSize = old == null ? 0 : old.sizeMib();
      long newSize = now == null ? 0 : now.sizeMib();
      if (oldSize == newSize && before != null && before.equals(after)) {
        continue;
      }
      StoreRegions held = changed.get(storeId);
      long regionId = now == null ? Objects.requireNonNull(old).id() : now.id();
      changed =
          changed.put(
              storeId,
              (held == null ? StoreRegions.NONE : held)
                  .change(regionId, before, oldSize, after, newSize));
    }
    return changed;
  }

  private static void collectStores(@Nullable RegionInfo region, Set<Long> stores) {
    if (region != null) {
      for (Peer peer : region.peers()) {
        stores.add(peer.getStoreId());
      }
    }
  }
}
