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
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.StoreStats;
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

  final ManualClock clock = new ManualClock(1_700_000_000_000L);
  final ClusterLoop loop;
  final SchedulingCoordinator scheduling;
  final Map<Long, Region> regions = new TreeMap<>();
  final Map<Long, Long> leaders = new TreeMap<>();
  final Set<Long> dead = new HashSet<>();
  int orders;
  RuleSet rules;
  RegionLabels labels = RegionLabels.EMPTY;
  private final AtomicLong ids = new AtomicLong(1_000_000);
  private final Map<Long, Long> busyUntil = new TreeMap<>();
  private final List<Long> storeIds = new ArrayList<>();

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

  /** A second of the cluster's life at a time; every store and region reports in each. */
  void runSeconds(int seconds) {
    for (int second = 0; second < seconds; second++) {
      for (long id : storeIds) {
        if (!dead.contains(id)) {
          loop.offer(
              new ClusterCommand.StoreReport(
                  StoreStats.newBuilder()
                      .setStoreId(id)
                      .setCapacity(1000 * GIB)
                      .setAvailable(900 * GIB)
                      .build(),
                  clock.wallMillis() * 1_000_000L));
        }
      }
      for (Region region : List.copyOf(regions.values())) {
        report(region);
      }
      for (int tick = 0; tick < 20; tick++) {
        loop.turn();
        clock.advanceMillis(50);
      }
    }
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
    for (Peer peer : region.getPeersList()) {
      if (dead.contains(peer.getStoreId())) {
        report.addDownPeersBuilder().setPeer(peer).setDownSeconds(100_000);
      } else if (busyUntil.getOrDefault(peer.getId(), 0L) > clock.monotonicNanos()) {
        report.addPendingPeers(peer);
      }
    }
    loop.offer(new ClusterCommand.RegionReport(report.build(), order -> true, () -> {}));
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
    if (order.hasTransferLeader()) {
      leaders.put(region.getId(), order.getTransferLeader().getPeer().getStoreId());
    } else if (order.hasChangePeerV2()) {
      change(region, order);
    } else if (order.hasMerge()) {
      merge(region, order.getMerge().getTarget());
    }
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
      if (peer.getStoreId() == leaders.values().iterator().next() && peers.size() == 1) {
        throw new AssertionError("the last peer was removed");
      }
      peers.remove(peer.getStoreId());
      return;
    }
    boolean fresh = !peers.containsKey(peer.getStoreId());
    if (fresh) {
      busyUntil.put(peer.getId(), clock.monotonicNanos() + 3_000_000_000L);
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

  /** Fewest and most of a count over the stores. */
  record Spread(long least, long most) {
    long width() {
      return most - least;
    }
  }

  Spread leaderSpread() {
    return spread(store -> image().regions().onStore(store).leaderCount());
  }

  Spread regionSpread() {
    return spread(store -> image().regions().onStore(store).regionCount());
  }

  private Spread spread(LongUnaryOperator count) {
    long[] bounds = {Long.MAX_VALUE, 0};
    Consumer<Long> add =
        store -> {
          bounds[0] = Math.min(bounds[0], count.applyAsLong(store));
          bounds[1] = Math.max(bounds[1], count.applyAsLong(store));
        };
    storeIds.stream().filter(id -> !dead.contains(id)).forEach(add);
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
