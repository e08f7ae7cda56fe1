package io.rutile.pd.cluster;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.RegionStorage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.heartbeat.HeartbeatStreams;
import io.rutile.pd.id.IdAllocator;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.pd.schedule.PeerIds;
import io.rutile.pd.schedule.SchedulerTable;
import io.rutile.pd.schedule.SchedulingCoordinator;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.placement.PlacementRules;
import io.rutile.pd.schedule.placement.RegionLabeler;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.metapb.NodeState;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.StoreStats;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A bootstrapped cluster on the leading member: the loop with its map, the stores' registry, the
 * streams back to the stores. Lives as long as the leadership.
 */
public final class Cluster implements AutoCloseable {
  /** How often a store's heartbeat time is made durable. */
  private static final long PERSIST_NANOS = 300_000_000_000L;

  private final Clock clock;
  private final MetaKv meta;
  private final MetaPaths paths;
  private final ClusterLoop loop;
  private final StoreRegistry stores;
  private final HeartbeatStreams streams;
  private final MinResolvedTs minResolvedTs;
  private final SchedulingCoordinator scheduling;
  private final PlacementRules placement;
  private final RegionLabeler labeler;
  private final SchedulerTable schedulers;

  private Cluster(
      Clock clock,
      MetaKv meta,
      MetaPaths paths,
      ClusterLoop loop,
      HeartbeatStreams streams,
      SchedulingCoordinator scheduling,
      PlacementRules placement,
      RegionLabeler labeler) {
    this.clock = clock;
    this.meta = meta;
    this.paths = paths;
    this.loop = loop;
    this.streams = streams;
    this.scheduling = scheduling;
    this.placement = placement;
    this.labeler = labeler;
    this.schedulers = new SchedulerTable(meta, paths, this::onLoop);
    this.schedulers.initial().forEach(scheduling::install);
    this.stores = new StoreRegistry(clock, meta, paths, loop);
    this.minResolvedTs = new MinResolvedTs(meta, paths.minResolvedTs());
  }

  /** Whether the cluster of these paths was ever bootstrapped. */
  public static boolean exists(MetaKv meta, MetaPaths paths) {
    return meta.get(paths.cluster()) != null;
  }

  /** Loads the cluster from the store; not yet running, see {@link #start}. */
  public static Cluster load(
      Clock clock,
      MetaKv meta,
      MetaPaths paths,
      PdConfig config,
      long clusterId,
      RegionStorage storage,
      IdAllocator ids,
      RandomGenerator random) {
    HeartbeatStreams streams = new HeartbeatStreams(clusterId);
    ClusterLoop loop = new ClusterLoop(clock, config, streams, storage);
    OperatorController operators =
        new OperatorController((region, order) -> {
          Peer leader = region.leader();
          if (leader != null) {
            streams.send(region.meta(), leader, order);
          }
        });
    PlacementRules placement = new PlacementRules(meta, paths, config.replication(), loop::image);
    RegionLabeler labeler = new RegionLabeler(clock, meta, paths);
    SchedulingCoordinator scheduling =
        new SchedulingCoordinator(
            operators,
            new PeerIds(ids),
            random,
            placement::current,
            labeler::current,
            clock.monotonicNanos());
    loop.coordinator(scheduling);
    Cluster cluster =
        new Cluster(clock, meta, paths, loop, streams, scheduling, placement, labeler);
    cluster.stores.load();
    meta.prefix(paths.regionPrefix())
        .forEach(
            pair -> loop.loadRegion(RegionInfo.ofMeta(Stored.parse(Region.parser(), pair), null)));
    return cluster;
  }

  /** Lets the loop run. */
  public void start() {
    loop.start();
  }

  /** The scheduling side; to be touched on the loop's thread only, see {@link ClusterLoop#call}. */
  public SchedulingCoordinator scheduling() {
    return scheduling;
  }

  /**
   * Makes the first store and the first region durable, if that was not done before.
   *
   * @throws ClusterException when it was, or when they cannot be the first ones
   */
  public static void bootstrap(
      Clock clock,
      MetaKv meta,
      MetaPaths paths,
      long clusterId,
      PdConfig config,
      Store store,
      Region region) {
    checkFirst(store, region);
    long nowNanos = clock.wallMillis() * 1_000_000L;
    io.rutile.proto.metapb.Cluster record =
        io.rutile.proto.metapb.Cluster.newBuilder()
            .setId(clusterId)
            .setMaxPeerCount(config.replication().maxReplicas())
            .build();
    Store first =
        store.toBuilder()
            .setState(StoreState.Up)
            .setNodeState(NodeState.Serving)
            .setLastHeartbeat(nowNanos)
            .build();
    boolean done =
        meta.commit(
            TxnRequest.newBuilder()
                .addCompare(MetaKv.absent(paths.cluster()))
                .addSuccess(MetaKv.putOp(paths.cluster(), record.toByteArray()))
                .addSuccess(MetaKv.putOp(paths.bootstrapTime(), MetaKv.number(nowNanos)))
                .addSuccess(MetaKv.putOp(paths.store(first.getId()), first.toByteArray()))
                .addSuccess(MetaKv.putOp(paths.region(region.getId()), region.toByteArray()))
                .build());
    if (!done) {
      throw alreadyBootstrapped();
    }
  }

  public static ClusterException alreadyBootstrapped() {
    return new ClusterException(ErrorType.ALREADY_BOOTSTRAPPED, "cluster is already bootstrapped");
  }

  private static void checkFirst(Store store, Region region) {
    require(store.getId() != 0, "invalid zero store id");
    require(region.getId() != 0, "invalid zero region id");
    require(
        region.getStartKey().isEmpty() && region.getEndKey().isEmpty(),
        "invalid first region key range, must all be empty for bootstrap");
    require(
        region.getPeersCount() == 1,
        "invalid first region peer count %d, must be 1 for bootstrap"
            .formatted(region.getPeersCount()));
    require(
        region.getPeers(0).getStoreId() == store.getId(),
        "invalid peer store id %d != %d".formatted(region.getPeers(0).getStoreId(), store.getId()));
    require(region.getPeers(0).getId() != 0, "invalid zero peer id");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw ClusterException.unknown(message);
    }
  }

  public ClusterImage image() {
    return loop.image();
  }

  public ClusterLoop loop() {
    return loop;
  }

  public StoreRegistry stores() {
    return stores;
  }

  public HeartbeatStreams streams() {
    return streams;
  }

  private void onLoop(Consumer<SchedulingCoordinator> work) {
    schedule(coordinator -> {
      work.accept(coordinator);
      return Boolean.TRUE;
    });
  }

  /** Asks the scheduling side on its thread and waits for what it says. */
  public <T> T schedule(Function<SchedulingCoordinator, T> work) {
    try {
      return loop.call(() -> work.apply(scheduling)).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RutileException refusal) {
        throw refusal;
      }
      throw e;
    }
  }

  /** Two regions are about to come out of a split; they are not to be merged for a while. */
  public void noteSplit(long oldRegion, long newRegion) {
    loop.offer(
        new ClusterCommand.Call(
            () -> {
              long now = clock.monotonicNanos();
              scheduling.mergeChecker().noteSplit(oldRegion, now);
              scheduling.mergeChecker().noteSplit(newRegion, now);
            },
            () -> {}));
  }

  /** Which schedulers there are. */
  public SchedulerTable schedulers() {
    return schedulers;
  }

  /** Where peers belong. */
  public PlacementRules placement() {
    return placement;
  }

  /** What is said about key ranges. */
  public RegionLabeler labeler() {
    return labeler;
  }

  public MinResolvedTs minResolvedTs() {
    return minResolvedTs;
  }

  /** The stored description of the cluster. */
  public io.rutile.proto.metapb.Cluster description() {
    return Stored.parse(
        io.rutile.proto.metapb.Cluster.parser(), meta.prefix(paths.cluster()).getFirst());
  }

  public void describe(io.rutile.proto.metapb.Cluster changed) {
    meta.put(paths.cluster(), changed.toByteArray());
  }

  /** When the cluster was bootstrapped, in nanoseconds since 1970. */
  public long bootstrapNanos() {
    byte[] stored = meta.get(paths.bootstrapTime());
    return stored == null ? 0 : MetaKv.number(stored);
  }

  /** The store, whose removal is an error. */
  public StoreInfo store(long storeId) {
    StoreInfo store = image().store(storeId);
    if (store == null) {
      throw StoreRegistry.notFound(storeId);
    }
    return store;
  }

  public void putStore(Store store) {
    stores.put(store, false);
  }

  public void setStoreLabels(long storeId, List<StoreLabel> labels, boolean replace) {
    stores.setLabels(storeId, labels, replace);
  }

  /** Takes in a store's report; the store as it was before. */
  public StoreInfo heartbeat(StoreStats stats) {
    StoreInfo store = store(stats.getStoreId());
    if (store.isRemoved()) {
      throw new ClusterException(
          ErrorType.STORE_TOMBSTONE,
          "store is tombstone, store_id:%d, address:%s"
              .formatted(store.id(), store.meta().getAddress()));
    }
    loop.offer(new ClusterCommand.StoreReport(stats, clock.wallMillis() * 1_000_000L));
    if (clock.monotonicNanos() - store.persistedNanos() > PERSIST_NANOS) {
      stores.persistHeartbeat(store.id());
    }
    return store;
  }

  /** Lowest version of all stores. */
  public ReleaseVersion version() {
    return StoreRegistry.clusterVersion(image());
  }

  /** What the cluster does by itself every now and then. Called by a virtual thread. */
  public void housekeep() {
    stores.advanceStates();
    labeler.expire();
    minResolvedTs.persist(image());
  }

  @Override
  public void close() {
    streams.close();
    loop.close();
  }
}
