package io.rutile.pd.schedule.placement;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.filter.Locations;
import io.rutile.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds which peer stands for which rule. Rules come in order, and an earlier rule is served as
 * well as it can be before a later one: more peers first, then fewer that must change their role,
 * then peers farther apart. Among equals a peer that works wins over one that lags or is down.
 *
 * <p>The search tries the choices of peers for each rule in turn and prunes what cannot be better;
 * a region has a handful of peers, and the common case, one rule for all of them, has one choice.
 */
public final class RegionFitter {
  private final List<PlacementRule> rules;
  private final List<Peer> peers;
  private final long leaderStore;
  private final @Nullable StoreInfo[] stores;
  private final boolean[] taken;
  private final @Nullable RuleFit[] best;

  private RegionFitter(
      List<PlacementRule> rules,
      List<Peer> peers,
      long leaderStore,
      LongFunction<@Nullable StoreInfo> storeOf) {
    this.rules = rules;
    this.peers = peers;
    this.leaderStore = leaderStore;
    this.stores = new StoreInfo[peers.size()];
    for (int i = 0; i < stores.length; i++) {
      stores[i] = storeOf.apply(peers.get(i).getStoreId());
    }
    this.taken = new boolean[peers.size()];
    this.best = new RuleFit[rules.size()];
  }

  /** Fits the region as it is. */
  public static RegionFit fit(
      List<PlacementRule> rules, RegionInfo region, LongFunction<@Nullable StoreInfo> storeOf) {
    List<Peer> peers = region.peers();
    if (!region.isHealthy()) {
      List<Peer> sorted = new ArrayList<>(peers);
      sorted.sort(Comparator.comparingInt(peer -> ailment(region, peer.getId())));
      peers = sorted;
    }
    return fit(rules, peers, region.leaderStoreId(), storeOf);
  }

  private static int ailment(RegionInfo region, long peerId) {
    return region.isDown(peerId) ? 2 : region.isPending(peerId) ? 1 : 0;
  }

  /**
   * @param peers the preferred ones first
   * @param leaderStore where the leader is, 0 for nowhere
   */
  public static RegionFit fit(
      List<PlacementRule> rules,
      List<Peer> peers,
      long leaderStore,
      LongFunction<@Nullable StoreInfo> storeOf) {
    if (rules.isEmpty()) {
      return new RegionFit(List.of(), List.of());
    }
    RegionFitter search = new RegionFitter(rules, peers, leaderStore, storeOf);
    search.fitFrom(0);
    return search.result();
  }

  private RegionFit result() {
    List<RuleFit> fits = new ArrayList<>(rules.size());
    List<Peer> orphans = new ArrayList<>(peers);
    for (int i = 0; i < best.length; i++) {
      RuleFit fit = best[i];
      if (fit == null) {
        throw new IllegalStateException("no fit was tried for " + rules.get(i));
      }
      fits.add(fit);
      orphans.removeAll(fit.peers());
    }
    return new RegionFit(fits, orphans);
  }

  /**
   * Fits the rules from {@code index} on to the peers that are not taken; whether it got better.
   */
  private boolean fitFrom(int index) {
    if (index == rules.size()) {
      return false;
    }
    PlacementRule rule = rules.get(index);
    int[] candidates = new int[peers.size()];
    int count = 0;
    for (int i = 0; i < candidates.length; i++) {
      StoreInfo store = stores[i];
      if (!taken[i]
          && store != null
          && rule.role().isReachableFrom(RegionInfo.isLearner(peers.get(i)))
          && rule.admits(store)) {
        candidates[count++] = i;
      }
    }
    int wanted = Math.min(count, rule.count());
    return choose(index, candidates, count, 0, new int[wanted], 0);
  }

  private boolean choose(
      int index, int[] candidates, int count, int from, int[] chosen, int filled) {
    if (filled == chosen.length) {
      return settle(index, chosen);
    }
    boolean better = false;
    for (int i = from; i <= count - (chosen.length - filled); i++) {
      chosen[filled] = candidates[i];
      taken[candidates[i]] = true;
      better |= choose(index, candidates, count, i + 1, chosen, filled + 1);
      taken[candidates[i]] = false;
    }
    return better;
  }

  private boolean settle(int index, int[] chosen) {
    RuleFit fit = fitOf(rules.get(index), chosen);
    RuleFit known = best[index];
    int order = known == null ? 1 : fit.compareTo(known);
    if (order < 0) {
      return false;
    }
    if (order == 0) {
      if (fitFrom(index + 1)) {
        best[index] = fit;
        return true;
      }
      return false;
    }
    best[index] = fit;
    for (int i = index + 1; i < best.length; i++) {
      best[i] = null;
    }
    fitFrom(index + 1);
    return true;
  }

  private RuleFit fitOf(PlacementRule rule, int[] chosen) {
    List<Peer> served = new ArrayList<>(chosen.length);
    List<Peer> misfits = new ArrayList<>(0);
    for (int i : chosen) {
      Peer peer = peers.get(i);
      served.add(peer);
      if (!rule.role().isMetBy(RegionInfo.isLearner(peer), peer.getStoreId() == leaderStore)) {
        misfits.add(peer);
      }
    }
    return new RuleFit(rule, served, misfits, isolation(rule, chosen));
  }

  private double isolation(PlacementRule rule, int[] chosen) {
    double sum = 0;
    if (!rule.locationLabels().isEmpty()) {
      for (int i = 0; i < chosen.length; i++) {
        StoreInfo a = stores[chosen[i]];
        for (int j = i + 1; a != null && j < chosen.length; j++) {
          StoreInfo b = stores[chosen[j]];
          sum += b == null ? 0 : Locations.distance(rule.locationLabels(), a, b);
        }
      }
    }
    return sum;
  }
}
