package io.rutile.store.meta;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.metapb.Region;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Every region with a peer on this store: by id for requests, which take no lock, and by key for
 * the rare questions about neighbours. Safe for use by any thread.
 *
 * <p>Invariant: the ranges of the initialised regions in it do not overlap. A region's entry is
 * changed only by the loop that owns its peer; because neighbours may belong to other loops, the
 * key order is guarded by this object's monitor, held for a few map operations.
 */
public final class RegionDirectory {
  /** Regions named in epoch_not_match besides the one that was asked for. */
  private static final int MAX_SIBLINGS = 10;

  private final Map<Long, RegionHandle> byId = new ConcurrentHashMap<>();
  private final TreeMap<byte[], RegionImage> byStart = new TreeMap<>(Bytes.ORDER);

  private final Map<Long, RegionImage> rangeClaims = new HashMap<>();
  private final Map<Long, Long> splitClaims = new HashMap<>();

  public @Nullable RegionHandle handle(long regionId) {
    return byId.get(regionId);
  }

  public Collection<RegionHandle> handles() {
    return byId.values();
  }

  /**
   * Adds a peer. One that was made for a message, before it knew its region's range, gives way to a
   * split that founds the region here.
   *
   * @return false when a split has claimed the region for another peer
   */
  public synchronized boolean add(RegionHandle handle) {
    Long claimed = splitClaims.get(handle.regionId());
    if (claimed != null && claimed != handle.peerId()) {
      return false;
    }
    byId.put(handle.regionId(), handle);
    return true;
  }

  /** A split means to found the region here. Refused when a newer peer of it came by message. */
  public synchronized boolean claimForSplit(long regionId, long peerId) {
    RegionHandle held = byId.get(regionId);
    if (held != null && held.peerId() > peerId) {
      return false;
    }
    splitClaims.put(regionId, peerId);
    return true;
  }

  /** The peer that a split founded is there. */
  public synchronized void releaseClaim(long regionId) {
    splitClaims.remove(regionId);
  }

  /** Removes the handle, if it is still the one that serves its region id. */
  public void remove(RegionHandle handle) {
    byId.remove(handle.regionId(), handle);
  }

  /**
   * Reserves a range for a region whose snapshot is coming, until {@link #putRange} or {@link
   * #releaseRange}.
   *
   * @return false when another region has reserved keys of it
   */
  public synchronized boolean claimRange(RegionImage image) {
    for (RegionImage claim : rangeClaims.values()) {
      if (claim.id() != image.id() && overlap(claim, image)) {
        return false;
      }
    }
    rangeClaims.put(image.id(), image);
    return true;
  }

  public synchronized void releaseRange(long regionId) {
    rangeClaims.remove(regionId);
  }

  private static boolean overlap(RegionImage a, RegionImage b) {
    return (a.end().length == 0 || Bytes.compare(b.start(), a.end()) < 0)
        && (b.end().length == 0 || Bytes.compare(a.start(), b.end()) < 0);
  }

  /** Records the range of a region, in place of {@code previous} when it had one. */
  public synchronized void putRange(@Nullable RegionImage previous, RegionImage image) {
    if (previous != null) {
      removeRange(previous);
    }
    rangeClaims.remove(image.id());
    byStart.put(image.start(), image);
  }

  /** Records the range of a region that has taken in another one, whose own range goes. */
  public synchronized void putMerged(RegionImage previous, RegionImage merged, Region source) {
    removeRange(source.getId(), source.getStartKey().toByteArray());
    putRange(previous, merged);
  }

  public synchronized void removeRange(RegionImage image) {
    removeRange(image.id(), image.start());
  }

  private void removeRange(long regionId, byte[] start) {
    RegionImage held = byStart.get(start);
    if (held != null && held.id() == regionId) {
      byStart.remove(start);
    }
  }

  /** Initialised regions that share keys with [start, end). */
  public synchronized List<RegionImage> overlapping(byte[] start, byte[] end) {
    List<RegionImage> found = new ArrayList<>();
    byte[] from = byStart.floorKey(start);
    for (RegionImage image : (from == null ? byStart : byStart.tailMap(from, true)).values()) {
      if (end.length > 0 && Bytes.compare(image.start(), end) >= 0) {
        break;
      }
      if (image.end().length == 0 || Bytes.compare(image.end(), start) > 0) {
        found.add(image);
      }
    }
    return found;
  }

  /** The region that holds {@code key} on this store. */
  public synchronized @Nullable RegionImage containing(byte[] key) {
    Map.Entry<byte[], RegionImage> entry = byStart.floorEntry(key);
    return entry != null && entry.getValue().contains(key) ? entry.getValue() : null;
  }

  /** All initialised regions in key order. */
  public synchronized List<RegionImage> images() {
    return new ArrayList<>(byStart.values());
  }

  /**
   * What a client with an old epoch should learn: the region itself, then those that a split has
   * probably made of it, which are its neighbours on the side that split off.
   */
  public synchronized List<Region> currentRegions(RegionImage image, boolean rightDerive) {
    List<Region> regions = new ArrayList<>();
    regions.add(image.region());
    RegionImage at = image;
    while (regions.size() <= MAX_SIBLINGS) {
      RegionImage neighbour = rightDerive ? before(at) : after(at);
      if (neighbour == null) {
        break;
      }
      regions.add(neighbour.region());
      at = neighbour;
    }
    return regions;
  }

  private @Nullable RegionImage before(RegionImage image) {
    Map.Entry<byte[], RegionImage> entry = byStart.lowerEntry(image.start());
    return entry != null && Bytes.compare(entry.getValue().end(), image.start()) == 0
        ? entry.getValue()
        : null;
  }

  private @Nullable RegionImage after(RegionImage image) {
    return image.end().length == 0 ? null : byStart.get(image.end());
  }
}
