package io.rutile.pd.http;

import io.rutile.base.metric.Gauge;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.pd.cluster.Cluster;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreRegions;
import io.rutile.pd.core.StoreScores;
import io.rutile.pd.member.LeaderCycle;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.proto.metapb.NodeState;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The figures of Grafana's PD board that describe the cluster, under PD's names, computed from the
 * leader's image when somebody asks. A member that does not lead shows none of them.
 *
 * <p>One scrape at a time computes; safe for use by any thread.
 */
public final class ClusterMetrics {
  private final LeaderCycle cycle;
  private final Gauge status;
  private final Gauge regions;
  private final Gauge stores;
  private final Gauge operators;
  private final Set<String> knownStores = new HashSet<>();
  private final Set<String> knownOperators = new HashSet<>();

  public ClusterMetrics(LeaderCycle cycle, MetricRegistry registry) {
    this.cycle = cycle;
    this.status = registry.gauge("pd_cluster_status", "Status of the cluster.", "type");
    this.regions = registry.gauge("pd_regions_status", "Status of the regions.", "type");
    this.stores =
        registry.gauge(
            "pd_scheduler_store_status", "Store status for schedule.", "address", "store", "type");
    this.operators =
        registry.gauge("pd_schedule_operators_running", "Operators under way.", "type");
  }

  /** Brings the figures up to date. */
  synchronized void refresh() {
    LeaderSession session = cycle.session();
    if (session == null || !session.isBootstrapped()) {
      return;
    }
    Cluster cluster = session.cluster();
    ClusterImage image = cluster.image();
    refreshStatus(image);
    refreshRegions(image);
    Set<String> seen = new HashSet<>();
    for (StoreInfo store : image.liveStores()) {
      refreshStore(image, store, seen);
    }
    knownStores.removeIf(key -> {
      boolean gone = !seen.contains(key);
      if (gone) {
        stores.remove(key.split("\\|", 3));
      }
      return gone;
    });
    knownStores.addAll(seen);
    Map<String, Integer> running = new TreeMap<>();
    for (Operator operator : cluster.schedule(coordinator -> coordinator.operators().all())) {
      running.merge(operator.description(), 1, Integer::sum);
    }
    knownOperators.addAll(running.keySet());
    knownOperators.forEach(type -> operators.labels(type).set(running.getOrDefault(type, 0)));
  }

  private void refreshStatus(ClusterImage image) {
    long now = image.nowNanos();
    long maxDown = image.config().schedule().maxStoreDownTime().duration().toNanos();
    double low = image.config().schedule().lowSpaceRatio();
    count(image, "store_up_count", s -> s.isUp() && !s.isDisconnected(now));
    count(
        image,
        "store_disconnected_count",
        s -> s.isUp() && s.isDisconnected(now) && s.silentNanos(now) <= maxDown);
    count(image, "store_down_count", s -> s.isUp() && s.silentNanos(now) > maxDown);
    count(image, "store_unhealth_count", s -> s.isUp() && s.isUnhealthy(now));
    count(image, "store_offline_count", StoreInfo::isRemoving);
    count(image, "store_tombstone_count", StoreInfo::isRemoved);
    count(image, "store_low_space_count", s -> s.isUp() && s.isLowSpace(low));
    count(image, "store_slow_count", s -> s.isUp() && s.isSlow());
    count(image, "store_preparing_count", StoreInfo::isPreparing);
    count(
        image,
        "store_serving_count",
        s -> s.isUp() && s.meta().getNodeState() == NodeState.Serving);
    count(image, "store_removing_count", StoreInfo::isRemoving);
    count(image, "store_removed_count", StoreInfo::isRemoved);
    long leaders = 0;
    long peers = 0;
    long capacity = 0;
    long used = 0;
    for (StoreInfo store : image.liveStores()) {
      leaders += image.regions().onStore(store.id()).leaderCount();
      peers += image.regions().onStore(store.id()).regionCount();
      capacity += store.stats().getCapacity();
      used += store.stats().getUsedSize();
    }
    status.labels("leader_count").set(leaders);
    status.labels("region_count").set(peers);
    status.labels("storage_capacity").set(capacity);
    status.labels("storage_size").set(used);
  }

  private void count(ClusterImage image, String type, Predicate<StoreInfo> which) {
    status.labels(type).set(image.storeList().stream().filter(which).count());
  }

  private void refreshRegions(ClusterImage image) {
    int replicas = image.config().replication().maxReplicas();
    long[] counts = new long[6];
    image
        .regions()
        .tree()
        .forEach(
            new byte[0],
            region -> {
              count(image, region, replicas, counts);
              return true;
            });
    String[] types = {
      "miss-peer-region-count",
      "extra-peer-region-count",
      "down-peer-region-count",
      "pending-peer-region-count",
      "offline-peer-region-count",
      "empty-region-count"
    };
    for (int i = 0; i < types.length; i++) {
      regions.labels(types[i]).set(counts[i]);
    }
  }

  private static void count(ClusterImage image, RegionInfo region, int replicas, long[] counts) {
    counts[0] += region.peers().size() < replicas ? 1 : 0;
    counts[1] += region.peers().size() > replicas ? 1 : 0;
    counts[2] += region.downPeers().isEmpty() ? 0 : 1;
    counts[3] += region.pendingPeers().isEmpty() ? 0 : 1;
    boolean leaves =
        region.peers().stream()
            .map(peer -> image.store(peer.getStoreId()))
            .anyMatch(store -> store != null && store.isRemoving());
    counts[4] += leaves ? 1 : 0;
    counts[5] += region.sizeMib() <= 1 ? 1 : 0;
  }

  private void refreshStore(ClusterImage image, StoreInfo store, Set<String> seen) {
    StoreRegions held = image.regions().onStore(store.id());
    var schedule = image.config().schedule();
    set(store, "leader_score", StoreScores.leaderScore(store, held, schedule, 0), seen);
    set(store, "region_score", StoreScores.regionScore(store, held, schedule, 0), seen);
    set(store, "leader_count", held.leaderCount(), seen);
    set(store, "region_count", held.regionCount(), seen);
    set(store, "leader_size", held.leaderSizeMib(), seen);
    set(store, "region_size", held.regionSizeMib(), seen);
    set(store, "learner_count", held.learners().size(), seen);
    set(store, "store_available", store.stats().getAvailable(), seen);
    set(store, "store_used", store.stats().getUsedSize(), seen);
    set(store, "store_capacity", store.stats().getCapacity(), seen);
    set(store, "store_slow_score", store.stats().getSlowScore(), seen);
  }

  private void set(StoreInfo store, String type, double value, Set<String> seen) {
    String id = String.valueOf(store.id());
    stores.labels(store.meta().getAddress(), id, type).set(value);
    seen.add(store.meta().getAddress() + "|" + id + "|" + type);
  }
}
