package io.rutile.pd.schedule.filter;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreRegions;
import io.rutile.pd.core.StoreScores;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far apart stores are by the location labels. Two stores that differ at the widest label count
 * most; each narrower level counts a hundredth. Stateless.
 */
public final class Locations {
  private static final double BASE = 100;

  private Locations() {}

  /** Sum over {@code others} of how far {@code store} is from them. */
  public static double distinctScore(List<String> labels, List<StoreInfo> others, StoreInfo store) {
    double score = 0;
    for (StoreInfo other : others) {
      score += other.id() == store.id() ? 0 : distance(labels, store, other);
    }
    return score;
  }

  /** How far apart two stores are: the more, the wider the label at which they differ. */
  public static double distance(List<String> labels, StoreInfo a, StoreInfo b) {
    for (int i = 0; i < labels.size(); i++) {
      if (!a.label(labels.get(i)).equals(b.label(labels.get(i)))) {
        return Math.pow(BASE, labels.size() - i - 1.0);
      }
    }
    return 0;
  }

  /** Whether {@code store} differs from all {@code others} at the level that must differ. */
  public static boolean isIsolated(String isolationLevel, List<StoreInfo> others, StoreInfo store) {
    return isolationLevel.isEmpty()
        || others.stream()
            .allMatch(other ->
                other.id() == store.id()
                    || !other.label(isolationLevel).equals(store.label(isolationLevel)));
  }

  /** Stores of the region's peers, without the one on {@code except}. */
  public static List<StoreInfo> storesOf(ClusterImage image, RegionInfo region, long except) {
    List<StoreInfo> stores = new ArrayList<>();
    for (Peer peer : region.peers()) {
      StoreInfo store = image.store(peer.getStoreId());
      if (store != null && store.id() != except) {
        stores.add(store);
      }
    }
    return stores;
  }

  /** The better of two candidates: farther from {@code others}, then less loaded. */
  public static StoreInfo better(
      ClusterImage image,
      List<String> labels,
      List<StoreInfo> others,
      @Nullable StoreInfo best,
      StoreInfo candidate) {
    if (best == null) {
      return candidate;
    }
    int order =
        Double.compare(
            distinctScore(labels, others, candidate), distinctScore(labels, others, best));
    if (order == 0) {
      order = Double.compare(load(image, best), load(image, candidate));
    }
    return order > 0 ? candidate : best;
  }

  private static double load(ClusterImage image, StoreInfo store) {
    StoreRegions held = image.regions().onStore(store.id());
    return StoreScores.regionScore(store, held, image.config().schedule(), 0);
  }
}
