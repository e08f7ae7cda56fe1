package io.rutile.pd.schedule.filter;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.placement.RegionFit;
import io.rutile.pd.schedule.placement.RegionFitter;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a move would do to a region's placement: schedulers may only make moves after which it is as
 * good as before. With placement rules that is the fit to the rules; without, the distance of the
 * peers by the location labels.
 *
 * <p>One instance judges moves of one region at one moment; it is cheap to make.
 */
public final class Safeguard {
  private final Planning planning;
  private final RegionInfo region;
  private final @Nullable RegionFit fit;

  private Safeguard(Planning planning, RegionInfo region) {
    this.planning = planning;
    this.region = region;
    this.fit = planning.byRules() ? planning.fit(region) : null;
  }

  public static Safeguard of(Planning planning, RegionInfo region) {
    return new Safeguard(planning, region);
  }

  /** Whether the region has exactly the peers it should have. */
  public boolean isReplicated() {
    return fit == null
        ? region.voters().size() == planning.image().config().replication().maxReplicas()
            && region.learners().isEmpty()
        : fit.isSatisfied();
  }

  /** Whether the peer on {@code from} may as well be on {@code target}. */
  public boolean admits(long from, StoreInfo target) {
    if (region.peerOnStore(target.id()) != null) {
      return false;
    }
    return fit == null ? keepsDistance(from, target) : keepsFit(fit, from, target);
  }

  private boolean keepsDistance(long from, StoreInfo target) {
    ClusterImage image = planning.image();
    List<String> labels = image.config().replication().locationLabels();
    List<StoreInfo> others = Locations.storesOf(image, region, from);
    StoreInfo source = image.store(from);
    double distance = source == null ? 0 : Locations.distinctScore(labels, others, source);
    return Locations.distinctScore(labels, others, target) >= distance
        && Locations.isIsolated(image.config().replication().isolationLevel(), others, target);
  }

  private boolean keepsFit(RegionFit now, long from, StoreInfo target) {
    List<Peer> peers = new ArrayList<>(region.peers().size());
    for (Peer peer : region.peers()) {
      peers.add(
          peer.getStoreId() == from ? peer.toBuilder().setStoreId(target.id()).build() : peer);
    }
    long leader = region.leaderStoreId() == from ? target.id() : region.leaderStoreId();
    return changed(peers, leader).compareTo(now) >= 0;
  }

  private RegionFit changed(List<Peer> peers, long leaderStore) {
    return RegionFitter.fit(
        planning.rules().of(region), peers, leaderStore, planning.image()::store);
  }

  /** Whether the voter on that store may lead. */
  public boolean admitsLeader(long store) {
    if (fit == null || fit.ruleFits().isEmpty() || store == region.leaderStoreId()) {
      return true;
    }
    return changed(region.peers(), store).compareTo(fit) >= 0;
  }
}
