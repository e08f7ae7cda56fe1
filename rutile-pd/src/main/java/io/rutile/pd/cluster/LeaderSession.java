package io.rutile.pd.cluster;

import io.rutile.base.clock.Clock;
import io.rutile.pd.config.ConfigStore;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.RegionStorage;
import io.rutile.pd.gc.GcStates;
import io.rutile.pd.id.IdAllocator;
import io.rutile.pd.keyspace.KeyspaceBoundaries;
import io.rutile.pd.keyspace.Keyspaces;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.pd.resource.ResourceGroups;
import io.rutile.pd.schedule.placement.RegionLabelRule;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.pd.tso.TimestampOracle;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a member does only while it leads, for one term. It is built from the replicated
 * store when leadership begins and thrown away when it ends, so that nothing of an earlier term can
 * leak into a later one.
 */
public final class LeaderSession implements AutoCloseable {
  private final Clock clock;
  private final long term;
  private final long clusterId;
  private final MetaKv meta;
  private final MetaPaths paths;
  private final IdAllocator ids;
  private final TimestampOracle oracle;
  private final ConfigStore config;
  private final Keyspaces keyspaces;
  private final GcStates gc;
  private final ResourceGroups resourceGroups;
  private final Supplier<RegionStorage> regionStorage;
  private final RandomGenerator random;
  private final ReentrantLock bootstrapLock = new ReentrantLock();
  private volatile @Nullable Cluster cluster;

  /**
   * Loads everything; blocks on the replicated store.
   *
   * @param oracle started already in this term
   * @param random draws candidates for scheduling
   */
  public LeaderSession(
      Clock clock,
      long term,
      long clusterId,
      MetaKv meta,
      TimestampOracle oracle,
      PdConfig initialConfig,
      Supplier<RegionStorage> regionStorage,
      RandomGenerator random) {
    this.clock = clock;
    this.term = term;
    this.clusterId = clusterId;
    this.meta = meta;
    this.paths = new MetaPaths(clusterId);
    this.oracle = oracle;
    this.regionStorage = regionStorage;
    this.random = random;
    this.ids = new IdAllocator(meta, paths.allocId());
    ids.rebase();
    this.config = new ConfigStore(meta, paths.config(), initialConfig);
    this.keyspaces = new Keyspaces(clock, meta, paths);
    this.gc = new GcStates(clock, meta, paths, keyspaces);
    this.resourceGroups = new ResourceGroups(clock, meta);
    if (Cluster.exists(meta, paths)) {
      startCluster();
    }
    config.guard((before, after) -> {
      Cluster running = cluster;
      if (running != null) {
        running.placement().follow(before, after);
      }
    });
    config.onChange(changed -> {
      Cluster running = cluster;
      if (running != null) {
        running.loop().offer(new ClusterCommand.ConfigChange(changed));
      }
    });
  }

  private void startCluster() {
    Cluster loaded =
        Cluster.load(
            clock, meta, paths, config.current(), clusterId, regionStorage.get(), ids, random);
    cluster = loaded;
    markKeyspaces(loaded);
    loaded.start();
  }

  /** Every keyspace has its boundaries; those that got none when they were made get them now. */
  private void markKeyspaces(Cluster running) {
    RegionLabels marked = running.labeler().current();
    List<RegionLabelRule> missing = new ArrayList<>();
    for (KeyspaceMeta keyspace : keyspaces.list(0, 0)) {
      if (marked.rule(KeyspaceBoundaries.ruleId(keyspace.getId())) == null) {
        missing.add(KeyspaceBoundaries.rule(keyspace.getId()));
      }
    }
    if (!missing.isEmpty()) {
      running.labeler().change(missing, List.of());
    }
  }

  /** Makes a keyspace and sees to it that regions will end at its boundaries. */
  public KeyspaceMeta createKeyspace(String name, Map<String, String> items) {
    Cluster running = cluster();
    KeyspaceMeta created = keyspaces.create(name, items);
    running.labeler().change(List.of(KeyspaceBoundaries.rule(created.getId())), List.of());
    return created;
  }

  /** Founds the cluster. */
  public void bootstrap(Store store, Region region) {
    bootstrapLock.lock();
    try {
      if (cluster != null) {
        throw Cluster.alreadyBootstrapped();
      }
      Cluster.bootstrap(clock, meta, paths, clusterId, config.current(), store, region);
      keyspaces.bootstrap();
      startCluster();
    } finally {
      bootstrapLock.unlock();
    }
  }

  public long term() {
    return term;
  }

  public long clusterId() {
    return clusterId;
  }

  public MetaKv meta() {
    return meta;
  }

  public MetaPaths paths() {
    return paths;
  }

  public IdAllocator ids() {
    return ids;
  }

  public TimestampOracle oracle() {
    return oracle;
  }

  public ConfigStore config() {
    return config;
  }

  public Keyspaces keyspaces() {
    return keyspaces;
  }

  public GcStates gc() {
    return gc;
  }

  public ResourceGroups resourceGroups() {
    return resourceGroups;
  }

  public boolean isBootstrapped() {
    return cluster != null;
  }

  /**
   * @throws ClusterException while the cluster is not bootstrapped
   */
  public Cluster cluster() {
    Cluster running = cluster;
    if (running == null) {
      throw ClusterException.notBootstrapped();
    }
    return running;
  }

  /** Periodic work, by a virtual thread. */
  public void housekeep() {
    Cluster running = cluster;
    if (running != null) {
      running.housekeep();
    }
  }

  @Override
  public void close() {
    Cluster running = cluster;
    if (running != null) {
      running.close();
    }
  }
}
