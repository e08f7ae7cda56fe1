package io.rutile.pd.schedule;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.ManualClock;
import io.rutile.pd.cluster.ClusterCommand;
import io.rutile.pd.cluster.ClusterLoop;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionStorage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.heartbeat.HeartbeatStreams;
import io.rutile.pd.heartbeat.OrderSink;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.pd.schedule.placement.RuleSet;
import io.rutile.pd.schedule.schedulers.SchedulerFactory;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.QueryStats;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.StoreStats;
import io.rutile.proto.pdpb.TimeInterval;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * A simulated cluster under the production loop, coordinator, checkers and schedulers: stores obey
 * orders, a moved peer takes some time, time is a manual clock, chance is a seed. Each membership
 * is checked: a region must always keep a quorum of voters on living stores.
 */
final class PdSim {
  private static final long GIB = 1L << 30;
  private static final long NANOS = 1_000_000_000L;
  private static final int REPORT_SECONDS = 10;

  final ManualClock clock = new ManualClock(1_700_000_000_000L);
  final ClusterLoop loop;
  final SchedulingCoordinator scheduling;
  final Map<Long, Region> regions = new TreeMap<>();
  final Map<Long, Long> leaders = new TreeMap<>();
  final Set<Long> dead = new HashSet<>();

  /** What a region's clients do in a second. */
  record Traffic(long bytesRead, long keysRead, long gets, long bytesWritten, long keysWritten) {
    static final Traffic NONE = new Traffic(0, 0, 0, 0, 0);
  }

  final Map<Long, Traffic> traffic = new TreeMap<>();
  final Map<Long, Long> slowScores = new TreeMap<>();
  int orders;

  /** Peers that were added in this run and removed again. */
  int pingPongs;

  RuleSet rules;
  RegionLabels labels = RegionLabels.EMPTY;
  private final AtomicLong ids = new AtomicLong(1_000_000);
  private final Map<Long, Long> busyUntil = new TreeMap<>();
  private final List<Long> storeIds = new ArrayList<>();
  private final Map<Long, Long> reportedNanos = new TreeMap<>();
  private final Set<Long> changed = new HashSet<>();
  private final Set<Long> added = new HashSet<>();
  private final Set<Long> offline = new HashSet<>();

  PdSim(PdConfig config, long seed) {
    rules = RuleSet.ofConfig(config.replication());
    HeartbeatStreams streams = new HeartbeatStreams(1);
    loop = new ClusterLoop(clock, config, streams, new NoStorage());
    OrderSink sink =
        order -> {
          obey(order);
          return true;
        };
    scheduling =
        new SchedulingCoordinator(
            new OperatorController((region, order) -> {
              streams.bind(region.leaderStoreId(), sink);
              streams.send(region.meta(), region.leader(), order);
            }),
            ids::incrementAndGet,
            new SplittableRandom(seed),
            () -> rules,
            () -> labels,
            clock.monotonicNanos());
    SchedulerFactory.DEFAULTS.forEach(
        name -> scheduling.install(SchedulerFactory.create(name, Map.of())));
    loop.coordinator(scheduling);
  }

  ClusterImage image() {
    return loop.image();
  }

  void addStore(long id, String... labels) {
    Store.Builder store =
        Store.newBuilder().setId(id).setAddress("store-" + id).setVersion("8.5.0");
    for (int i = 0; i < labels.length; i += 2) {
      store.addLabels(StoreLabel.newBuilder().setKey(labels[i]).setValue(labels[i + 1]));
    }
    long now = clock.monotonicNanos();
    loop.offer(new ClusterCommand.StorePut(StoreInfo.of(store.build(), now, now)));
    storeIds.add(id);
  }

  void setOffline(long id) {
    offline.add(id);
    loop.offer(
        new ClusterCommand.StoreUpdate(
            id,
            store ->
                store.withMeta(store.meta().toBuilder().setState(StoreState.Offline).build())));
  }

  void addRegions(int count, int firstId, long... stores) {
    for (int i = 0; i < count; i++) {
      long id = firstId + i;
      Region.Builder region =
          Region.newBuilder()
              .setId(id)
              .setStartKey(i == 0 && firstId == 1 ? ByteString.EMPTY : key(id))
              .setEndKey(key(id + 1))
              .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1));
      for (long store : stores) {
        region.addPeers(Peer.newBuilder().setId(ids.incrementAndGet()).setStoreId(store));
      }
      regions.put(id, region.build());
      leaders.put(id, stores[0]);
    }
  }

  private static ByteString key(long id) {
    return ByteString.copyFromUtf8("%08d".formatted(id));
  }

  /** Of the regions, each is on so many stores, drawn by its number, the first of which leads. */
  void spreadRegions(int count, int replicas, long... over) {
    for (int i = 0; i < count; i++) {
      long[] stores = new long[replicas];
      for (int r = 0; r < replicas; r++) {
        stores[r] = over[(i + r) % over.length];
      }
      addRegions(1, i + 1, stores);
    }
    regions.computeIfPresent(
        1L, (id, region) -> region.toBuilder().setStartKey(ByteString.EMPTY).build());
  }

  /**
   * A second of the cluster's life at a time. Every store and region reports every ten seconds, a
   * region that changes or has an operator also in between.
   */
  void runSeconds(int seconds) {
    for (int second = 0; second < seconds; second++) {
      boolean all = clock.monotonicNanos() / NANOS % REPORT_SECONDS == 0 || reportedNanos.isEmpty();
      if (all) {
        storeIds.stream().filter(id -> !dead.contains(id)).forEach(this::reportStore);
      }
      for (Region region : List.copyOf(regions.values())) {
        long id = region.getId();
        boolean led = !dead.contains(leaders.get(id));
        if (all || !led || changed.remove(id) || scheduling.operators().operator(id) != null) {
          report(region);
        }
      }
      for (int tick = 0; tick < 5; tick++) {
        loop.turn();
        clock.advanceMillis(200);
      }
    }
  }

  private void reportStore(long id) {
    long nowSeconds = clock.monotonicNanos() / NANOS;
    StoreStats.Builder stats =
        StoreStats.newBuilder()
            .setStoreId(id)
            .setCapacity(1000 * GIB)
            .setAvailable(900 * GIB)
            .setSlowScore(slowScores.getOrDefault(id, 1L))
            .setInterval(
                TimeInterval.newBuilder()
                    .setStartTimestamp(nowSeconds - REPORT_SECONDS)
                    .setEndTimestamp(nowSeconds));
    traffic.forEach((regionId, load) -> {
      Region region = regions.get(regionId);
      if (region != null && leaders.get(regionId) == id) {
        stats.setBytesRead(stats.getBytesRead() + load.bytesRead * REPORT_SECONDS);
        stats.setKeysRead(stats.getKeysRead() + load.keysRead * REPORT_SECONDS);
      }
      if (region != null && hasPeer(region, id)) {
        stats.setBytesWritten(stats.getBytesWritten() + load.bytesWritten * REPORT_SECONDS);
        stats.setKeysWritten(stats.getKeysWritten() + load.keysWritten * REPORT_SECONDS);
      }
    });
    loop.offer(new ClusterCommand.StoreReport(stats.build(), clock.wallMillis() * 1_000_000L));
  }

  private static boolean hasPeer(Region region, long store) {
    return region.getPeersList().stream().anyMatch(peer -> peer.getStoreId() == store);
  }

  private void report(Region region) {
    long leader = leaders.get(region.getId());
    if (dead.contains(leader)) {
      for (Peer peer : region.getPeersList()) {
        if (!dead.contains(peer.getStoreId()) && peer.getRole() == PeerRole.Voter) {
          leaders.put(region.getId(), peer.getStoreId());
        }
      }
      leader = leaders.get(region.getId());
    }
    RegionHeartbeatRequest.Builder report =
        RegionHeartbeatRequest.newBuilder()
            .setRegion(region)
            .setLeader(peerOn(region, leader))
            .setApproximateSize(96L << 20)
            .setApproximateKeys(960_000)
            .setTerm(6);
    addTraffic(report, region.getId());
    for (Peer peer : region.getPeersList()) {
      if (dead.contains(peer.getStoreId())) {
        report.addDownPeersBuilder().setPeer(peer).setDownSeconds(100_000);
      } else if (busyUntil.getOrDefault(peer.getId(), 0L) > clock.monotonicNanos()) {
        report.addPendingPeers(peer);
      }
    }
    loop.offer(new ClusterCommand.RegionReport(report.build(), order -> true, () -> {}));
  }

  private void addTraffic(RegionHeartbeatRequest.Builder report, long regionId) {
    long now = clock.monotonicNanos();
    long seconds = (now - reportedNanos.getOrDefault(regionId, now - NANOS)) / NANOS;
    if (seconds < 1) {
      return;
    }
    reportedNanos.put(regionId, now);
    Traffic load = traffic.getOrDefault(regionId, Traffic.NONE);
    report
        .setInterval(
            TimeInterval.newBuilder()
                .setStartTimestamp(now / NANOS - seconds)
                .setEndTimestamp(now / NANOS))
        .setBytesRead(load.bytesRead * seconds)
        .setKeysRead(load.keysRead * seconds)
        .setBytesWritten(load.bytesWritten * seconds)
        .setKeysWritten(load.keysWritten * seconds)
        .setQueryStats(
            QueryStats.newBuilder().setGet(load.gets * seconds).setPut(load.keysWritten * seconds));
  }

  private static Peer peerOn(Region region, long store) {
    return region.getPeersList().stream()
        .filter(peer -> peer.getStoreId() == store)
        .findFirst()
        .orElseThrow();
  }

  private void obey(RegionHeartbeatResponse order) {
    Region region = regions.get(order.getRegionId());
    if (region == null || !region.getRegionEpoch().equals(order.getRegionEpoch())) {
      return;
    }
    orders++;
    changed.add(region.getId());
    if (order.hasSplitRegion()) {
      split(region, order.getSplitRegion().getKeysList());
    } else if (order.hasTransferLeader()) {
      leaders.put(region.getId(), order.getTransferLeader().getPeer().getStoreId());
    } else if (order.hasChangePeerV2()) {
      change(region, order);
    } else if (order.hasMerge()) {
      merge(region, order.getMerge().getTarget());
    }
  }

  private void split(Region region, List<ByteString> keys) {
    ByteString start = region.getStartKey();
    long version = region.getRegionEpoch().getVersion() + keys.size();
    RegionEpoch epoch = region.getRegionEpoch().toBuilder().setVersion(version).build();
    for (ByteString key : keys) {
      long id = ids.incrementAndGet();
      Region.Builder part =
          region.toBuilder().setId(id).setStartKey(start).setEndKey(key).setRegionEpoch(epoch);
      part.clearPeers();
      region
          .getPeersList()
          .forEach(peer -> part.addPeers(peer.toBuilder().setId(ids.incrementAndGet())));
      regions.put(id, part.build());
      leaders.put(id, leaders.get(region.getId()));
      changed.add(id);
      start = key;
    }
    regions.put(
        region.getId(), region.toBuilder().setStartKey(start).setRegionEpoch(epoch).build());
  }

  private void change(Region region, RegionHeartbeatResponse order) {
    List<ChangePeer> changes = order.getChangePeerV2().getChangesList();
    boolean joint = changes.size() > 1;
    Map<Long, Peer> peers = new TreeMap<>();
    region.getPeersList().forEach(peer -> peers.put(peer.getStoreId(), peer));
    if (changes.isEmpty()) {
      peers.replaceAll((store, peer) -> settled(peer));
    }
    for (ChangePeer one : changes) {
      apply(peers, one, joint);
    }
    Region changed =
        region.toBuilder()
            .clearPeers()
            .addAllPeers(peers.values())
            .setRegionEpoch(
                region.getRegionEpoch().toBuilder()
                    .setConfVer(region.getRegionEpoch().getConfVer() + confSteps(region, changes)))
            .build();
    check(changed);
    regions.put(region.getId(), changed);
  }

  private static long confSteps(Region region, List<ChangePeer> changes) {
    return changes.isEmpty()
        ? region.getPeersList().stream().filter(peer -> !settled(peer).equals(peer)).count()
        : changes.size();
  }

  private static Peer settled(Peer peer) {
    return switch (peer.getRole()) {
      case IncomingVoter -> peer.toBuilder().setRole(PeerRole.Voter).build();
      case DemotingVoter -> peer.toBuilder().setRole(PeerRole.Learner).build();
      case Voter, Learner, UNRECOGNIZED -> peer;
    };
  }

  private void apply(Map<Long, Peer> peers, ChangePeer one, boolean joint) {
    Peer peer = one.getPeer();
    if (one.getChangeType() == ConfChangeType.RemoveNode) {
      pingPongs += added.contains(peer.getId()) ? 1 : 0;
      peers.remove(peer.getStoreId());
      return;
    }
    boolean fresh = !peers.containsKey(peer.getStoreId());
    if (fresh) {
      added.add(peer.getId());
      busyUntil.put(peer.getId(), clock.monotonicNanos() + 3 * NANOS);
    }
    boolean voter = one.getChangeType() == ConfChangeType.AddNode;
    PeerRole role =
        joint && !fresh
            ? (voter ? PeerRole.IncomingVoter : PeerRole.DemotingVoter)
            : (voter ? PeerRole.Voter : PeerRole.Learner);
    peers.put(peer.getStoreId(), peer.toBuilder().setRole(role).build());
  }

  /** Both configurations of the region, old and new, keep a majority on living stores. */
  private void check(Region region) {
    quorum(region, Set.of(PeerRole.Voter, PeerRole.IncomingVoter));
    quorum(region, Set.of(PeerRole.Voter, PeerRole.DemotingVoter));
    long leader = leaders.get(region.getId());
    if (region.getPeersList().stream().noneMatch(peer -> peer.getStoreId() == leader)) {
      throw new AssertionError("the leader of region " + region.getId() + " was removed");
    }
  }

  private void quorum(Region region, Set<PeerRole> voting) {
    long voters = region.getPeersList().stream().filter(p -> voting.contains(p.getRole())).count();
    long alive =
        region.getPeersList().stream()
            .filter(p -> voting.contains(p.getRole()) && !dead.contains(p.getStoreId()))
            .count();
    if (alive * 2 <= voters) {
      throw new AssertionError("region " + region + " lost its quorum");
    }
  }

  private void merge(Region from, Region into) {
    Region target = regions.get(into.getId());
    regions.remove(from.getId());
    leaders.remove(from.getId());
    boolean after = from.getStartKey().equals(target.getEndKey());
    Region.Builder merged = target.toBuilder();
    if (after) {
      merged.setEndKey(from.getEndKey());
    } else {
      merged.setStartKey(from.getStartKey());
    }
    long version =
        Math.max(from.getRegionEpoch().getVersion(), target.getRegionEpoch().getVersion()) + 1;
    merged.setRegionEpoch(target.getRegionEpoch().toBuilder().setVersion(version));
    regions.put(target.getId(), merged.build());
  }

  /** Fewest and most of a figure over the living stores. */
  record Spread(long least, long most) {
    long width() {
      return most - least;
    }

    @Override
    public String toString() {
      return least + ".." + most;
    }
  }

  Spread leaderSpread() {
    return spread(store -> image().regions().onStore(store).leaderCount());
  }

  Spread regionSpread() {
    return spread(store -> image().regions().onStore(store).regionCount());
  }

  /** Load of the stores, in the bytes that their leaders read and their peers write. */
  Spread readSpread() {
    return spread(store -> carried(store, true));
  }

  Spread writeSpread() {
    return spread(store -> carried(store, false));
  }

  private long carried(long store, boolean reads) {
    long sum = 0;
    for (Map.Entry<Long, Traffic> load : traffic.entrySet()) {
      Region region = regions.get(load.getKey());
      boolean counts = reads ? leaders.get(load.getKey()) == store : hasPeer(region, store);
      if (counts) {
        sum += reads ? load.getValue().bytesRead : load.getValue().bytesWritten;
      }
    }
    return sum;
  }

  private Spread spread(LongUnaryOperator count) {
    long[] bounds = {Long.MAX_VALUE, 0};
    Consumer<Long> add =
        store -> {
          bounds[0] = Math.min(bounds[0], count.applyAsLong(store));
          bounds[1] = Math.max(bounds[1], count.applyAsLong(store));
        };
    storeIds.stream().filter(id -> !dead.contains(id) && !offline.contains(id)).forEach(add);
    return new Spread(bounds[0], bounds[1]);
  }

  private static final class NoStorage implements RegionStorage {
    @Override
    public void load(Consumer<Region> consumer) {}

    @Override
    public void save(Region region) {}

    @Override
    public void delete(long regionId) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
