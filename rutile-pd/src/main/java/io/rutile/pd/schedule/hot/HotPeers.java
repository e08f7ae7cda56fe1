package io.rutile.pd.schedule.hot;

import io.rutile.pd.core.RegionFlow;
import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.pdpb.PeerStat;
import io.rutile.proto.pdpb.StoreStats;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Hot peers of every store, and what the stores carry in all.
 *
 * <p>Writes come with a region's report and burden all its peers alike. Reads burden the peer that
 * serves them: a store that reports its peers one by one is believed; else the region's report
 * counts for the leader. Only peers that reach a threshold are remembered, so that a report of a
 * quiet region costs two comparisons. On a store with many hot peers the threshold rises to most of
 * what the {@value #TOP}th of them has. A remembered peer that is hot again gains a degree, else
 * loses one, and is forgotten at zero. A peer that moved takes its history along.
 *
 * <p>Owned by: the cluster loop.
 */
public final class HotPeers {
  private static final int TOP = 60;
  private static final double TOP_SHARE = 0.8;
  private static final int MAX_DEGREE = 1000;

  /** Reports missed after which a peer is forgotten. */
  private static final int MISSED_REPORTS = 5;

  private static final long NANOS = 1_000_000_000L;
  private static final long SWEEP_NANOS = 10 * NANOS;

  private static final class Entry {
    private final RollingLoad window = new RollingLoad();
    private HotPeer peer;

    private Entry(HotPeer peer) {
      this.peer = peer;
    }
  }

  /** One direction of traffic. */
  private static final class Table {
    private final Map<Long, Map<Long, Entry>> byStore = new HashMap<>();
    private final Map<Long, List<Long>> storesOf = new HashMap<>();
    private final Map<Long, Load> thresholds = new HashMap<>();
    private final Map<Long, RollingLoad> stores = new HashMap<>();
  }

  private final Map<HotKind, Table> tables = new EnumMap<>(HotKind.class);
  private final Map<Long, Boolean> reportsPeers = new HashMap<>();
  private long nextSweepNanos;

  public HotPeers() {
    for (HotKind kind : HotKind.values()) {
      tables.put(kind, new Table());
    }
  }

  private Table table(HotKind kind) {
    Table table = tables.get(kind);
    if (table == null) {
      throw new IllegalStateException("no table of " + kind);
    }
    return table;
  }

  /** Takes in a region's report. */
  public void report(RegionInfo region, long nowNanos) {
    RegionFlow flow = region.flow();
    if (flow.intervalSeconds() <= 0) {
      return;
    }
    Load written =
        new Load(flow.bytesWritten(), flow.keysWritten(), Load.writeQueries(flow.queries()));
    forgetLeft(HotKind.WRITE, region);
    for (Peer peer : region.peers()) {
      update(HotKind.WRITE, region, peer, written, flow.intervalSeconds(), nowNanos);
    }
    Peer leader = region.leader();
    if (leader != null && !reportsPeers.containsKey(leader.getStoreId())) {
      Load read = new Load(flow.bytesRead(), flow.keysRead(), Load.readQueries(flow.queries()));
      forgetFollowers(region);
      update(HotKind.READ, region, leader, read, flow.intervalSeconds(), nowNanos);
    }
  }

  /** Takes in a store's report, and with it the reads of its peers if it tells them. */
  public void report(StoreStats stats, LongFunction<@Nullable RegionInfo> regions, long nowNanos) {
    long seconds = stats.getInterval().getEndTimestamp() - stats.getInterval().getStartTimestamp();
    if (seconds <= 0) {
      return;
    }
    long store = stats.getStoreId();
    total(HotKind.READ, store)
        .add(
            new Load(
                stats.getBytesRead(), stats.getKeysRead(), Load.readQueries(stats.getQueryStats())),
            seconds);
    total(HotKind.WRITE, store)
        .add(
            new Load(
                stats.getBytesWritten(),
                stats.getKeysWritten(),
                Load.writeQueries(stats.getQueryStats())),
            seconds);
    for (PeerStat one : stats.getPeerStatsList()) {
      reportsPeers.put(store, Boolean.TRUE);
      RegionInfo region = regions.apply(one.getRegionId());
      Peer peer = region == null ? null : region.peerOnStore(store);
      if (region != null && peer != null) {
        Load read =
            new Load(one.getReadBytes(), one.getReadKeys(), Load.readQueries(one.getQueryStats()));
        forgetLeft(HotKind.READ, region);
        update(HotKind.READ, region, peer, read, seconds, nowNanos);
      }
    }
  }

  private RollingLoad total(HotKind kind, long store) {
    return table(kind).stores.computeIfAbsent(store, id -> new RollingLoad());
  }

  private void update(
      HotKind kind, RegionInfo region, Peer peer, Load counted, long seconds, long nowNanos) {
    Table table = table(kind);
    Load threshold = table.thresholds.getOrDefault(peer.getStoreId(), kind.threshold());
    Map<Long, Entry> onStore = table.byStore.get(peer.getStoreId());
    Entry entry = onStore == null ? null : onStore.get(region.id());
    boolean hotNow = counted.times(1.0 / seconds).reachesAny(threshold);
    if (entry == null) {
      if (!hotNow) {
        return;
      }
      entry = enter(table, region, peer);
    }
    entry.window.add(counted, seconds);
    Load load = entry.window.perSecond();
    boolean hot = load.reachesAny(threshold);
    int degree = entry.peer.degree() + (hot ? 1 : -1);
    if (degree <= 0) {
      forget(table, region.id(), peer.getStoreId());
      return;
    }
    entry.peer =
        new HotPeer(
            region.id(),
            peer.getStoreId(),
            peer.getStoreId() == region.leaderStoreId(),
            RegionInfo.isLearner(peer),
            Math.min(degree, MAX_DEGREE),
            load,
            seconds,
            nowNanos);
  }

  private static Entry enter(Table table, RegionInfo region, Peer peer) {
    Entry entry =
        new Entry(new HotPeer(region.id(), peer.getStoreId(), false, false, 0, Load.NONE, 0, 0));
    table.byStore.computeIfAbsent(peer.getStoreId(), id -> new HashMap<>()).put(region.id(), entry);
    table.storesOf.computeIfAbsent(region.id(), id -> new ArrayList<>(3)).add(peer.getStoreId());
    return entry;
  }

  private static void forget(Table table, long regionId, long storeId) {
    Map<Long, Entry> onStore = table.byStore.get(storeId);
    if (onStore != null) {
      onStore.remove(regionId);
    }
    List<Long> stores = table.storesOf.get(regionId);
    if (stores != null) {
      stores.remove(storeId);
      if (stores.isEmpty()) {
        table.storesOf.remove(regionId);
      }
    }
  }

  /** Entries on stores that the region has left go over to stores where it is new. */
  private void forgetLeft(HotKind kind, RegionInfo region) {
    Table table = table(kind);
    List<Long> stores = table.storesOf.get(region.id());
    if (stores == null) {
      return;
    }
    for (long store : List.copyOf(stores)) {
      if (region.peerOnStore(store) == null) {
        Peer fresh = null;
        for (Peer peer : region.peers()) {
          fresh = stores.contains(peer.getStoreId()) ? fresh : peer;
        }
        move(table, region.id(), store, fresh);
      }
    }
  }

  /** Where only leaders' reads are known, an entry follows the leader. */
  private void forgetFollowers(RegionInfo region) {
    Table table = table(HotKind.READ);
    List<Long> stores = table.storesOf.get(region.id());
    if (stores == null) {
      return;
    }
    for (long store : List.copyOf(stores)) {
      if (store != region.leaderStoreId()) {
        boolean known = stores.contains(region.leaderStoreId());
        move(table, region.id(), store, known ? null : region.leader());
      }
    }
  }

  private static void move(Table table, long regionId, long from, @Nullable Peer to) {
    Map<Long, Entry> onStore = table.byStore.get(from);
    Entry entry = onStore == null ? null : onStore.get(regionId);
    forget(table, regionId, from);
    if (entry != null && to != null) {
      table.byStore.computeIfAbsent(to.getStoreId(), id -> new HashMap<>()).put(regionId, entry);
      table.storesOf.computeIfAbsent(regionId, id -> new ArrayList<>(3)).add(to.getStoreId());
    }
  }

  /** Forgets peers that are not reported any more and sets the thresholds anew, now and then. */
  public void tick(long nowNanos) {
    if (nowNanos - nextSweepNanos < 0) {
      return;
    }
    nextSweepNanos = nowNanos + SWEEP_NANOS;
    for (HotKind kind : HotKind.values()) {
      Table table = table(kind);
      for (Map.Entry<Long, Map<Long, Entry>> store : table.byStore.entrySet()) {
        List<HotPeer> silent = new ArrayList<>();
        for (Entry entry : store.getValue().values()) {
          long allowed = entry.peer.intervalSeconds() * MISSED_REPORTS * NANOS;
          if (nowNanos - entry.peer.reportedNanos() > allowed) {
            silent.add(entry.peer);
          }
        }
        silent.forEach(peer -> forget(table, peer.regionId(), store.getKey()));
        table.thresholds.put(store.getKey(), threshold(kind, store.getValue()));
      }
    }
  }

  private static Load threshold(HotKind kind, Map<Long, Entry> onStore) {
    if (onStore.size() < TOP) {
      return kind.threshold();
    }
    double[] nth = new double[Dimension.values().length];
    for (Dimension dimension : Dimension.values()) {
      double[] sorted =
          onStore.values().stream()
              .mapToDouble(entry -> entry.peer.load().of(dimension))
              .sorted()
              .toArray();
      nth[dimension.ordinal()] = sorted[sorted.length - TOP] * TOP_SHARE;
    }
    return new Load(nth[0], nth[1], nth[2]).atLeast(kind.threshold());
  }

  /** Hot peers on a store, the hottest by bytes first. */
  public List<HotPeer> onStore(HotKind kind, long storeId) {
    List<HotPeer> peers = new ArrayList<>();
    table(kind)
        .byStore
        .getOrDefault(storeId, Map.of())
        .values()
        .forEach(entry -> peers.add(entry.peer));
    peers.sort(
        Comparator.comparingDouble((HotPeer peer) -> peer.load().bytes())
            .reversed()
            .thenComparingLong(HotPeer::regionId));
    return peers;
  }

  /** The region's peer on the store, null while it is not hot. */
  public @Nullable HotPeer peer(HotKind kind, long storeId, long regionId) {
    Entry entry = table(kind).byStore.getOrDefault(storeId, Map.of()).get(regionId);
    return entry == null ? null : entry.peer;
  }

  /** Whether schedulers for other purposes should leave the region alone. */
  public boolean isHot(long regionId, long minDegree) {
    for (HotKind kind : HotKind.values()) {
      for (long store : table(kind).storesOf.getOrDefault(regionId, List.of())) {
        HotPeer peer = peer(kind, store, regionId);
        if (peer != null && peer.degree() >= minDegree) {
          return true;
        }
      }
    }
    return false;
  }

  /** What the store reports of all its traffic. */
  public Load reported(HotKind kind, long storeId) {
    RollingLoad total = table(kind).stores.get(storeId);
    return total == null ? Load.NONE : total.perSecond();
  }

  /**
   * What its hot peers carry.
   *
   * @param leadersOnly whether only those that lead count
   */
  public Load carried(HotKind kind, long storeId, boolean leadersOnly) {
    Load sum = Load.NONE;
    for (Entry entry : table(kind).byStore.getOrDefault(storeId, Map.of()).values()) {
      if (!leadersOnly || entry.peer.leader()) {
        sum = sum.plus(entry.peer.load());
      }
    }
    return sum;
  }
}
