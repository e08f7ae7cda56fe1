package io.rutile.pd.cluster;

import io.rutile.base.clock.Clock;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreSettings;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.proto.metapb.NodeState;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.proto.metapb.StoreState;
import io.rutile.proto.mvccpb.KeyValue;
import io.rutile.proto.pdpb.ErrorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The stores' durable metadata. Each change is checked, made durable and then told to the cluster
 * loop, one change at a time under a lock; callers are virtual threads.
 */
public final class StoreRegistry {
  /** Regions below which a new store serves at once instead of preparing. */
  static final int PREPARING_REGION_COUNT = 100;

  private final Clock clock;
  private final MetaKv meta;
  private final MetaPaths paths;
  private final ClusterLoop loop;
  private final ReentrantLock lock = new ReentrantLock();

  StoreRegistry(Clock clock, MetaKv meta, MetaPaths paths, ClusterLoop loop) {
    this.clock = clock;
    this.meta = meta;
    this.paths = paths;
    this.loop = loop;
  }

  /** Loads every store into the loop, before it starts. */
  void load() {
    long wallNanos = clock.wallMillis() * 1_000_000L;
    long now = clock.monotonicNanos();
    for (KeyValue pair : meta.prefix(paths.storePrefix())) {
      Store store = Stored.parse(Store.parser(), pair);
      long silent = Math.max(0, wallNanos - store.getLastHeartbeat());
      StoreInfo info = StoreInfo.of(store, now - silent, now);
      loop.load(info.withSettings(storedSettings(store.getId())));
    }
  }

  private StoreSettings storedSettings(long storeId) {
    StoreSettings settings = StoreSettings.DEFAULT;
    double[] weights = pair(meta.text(paths.storeWeight(storeId)));
    if (weights.length == 2) {
      settings = settings.withWeights(weights[0], weights[1]);
    }
    double[] limits = pair(meta.text(paths.storeLimit(storeId)));
    return limits.length == 2 ? settings.withLimits(limits[0], limits[1]) : settings;
  }

  private static double[] pair(@Nullable String stored) {
    return stored == null
        ? new double[0]
        : Arrays.stream(stored.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  /**
   * Registers a store or renews its registration.
   *
   * @param replaceLabels whether the labels given replace the stored ones instead of joining them
   * @throws ClusterException when PD refuses it
   */
  void put(Store store, boolean replaceLabels) {
    if (store.getId() == 0) {
      throw ClusterException.unknown("invalid put store id:0");
    }
    lock.lock();
    try {
      ClusterImage image = loop.image();
      StoreInfo known = image.store(store.getId());
      checkState(store, known);
      checkVersion(store, image);
      checkAddress(store, image);
      Store merged = merge(store, known == null ? null : known.meta(), replaceLabels, image);
      checkLabels(merged, image.config());
      persist(merged);
      long now = clock.monotonicNanos();
      loop.offer(
          new ClusterCommand.StorePut(
              known == null
                  ? StoreInfo.of(merged, now, now)
                  : known.withMeta(merged).withPersisted(now)));
      awaitLoop();
    } finally {
      lock.unlock();
    }
  }

  /** The next change must see this one's image. */
  private void awaitLoop() {
    loop.call(() -> Boolean.TRUE).join();
  }

  private static void checkState(Store store, @Nullable StoreInfo known) {
    if (store.getState() == StoreState.Tombstone || (known != null && known.isRemoved())) {
      throw new ClusterException(
          ErrorType.STORE_TOMBSTONE,
          "store is tombstone, store_id:%d, address:%s"
              .formatted(store.getId(), store.getAddress()));
    }
  }

  private static void checkVersion(Store store, ClusterImage image) {
    ReleaseVersion version = ReleaseVersion.parse(store.getVersion());
    if (version == null) {
      throw ClusterException.unknown(
          "invalid put store %d version, error: %s is not in dotted-tri format"
              .formatted(store.getId(), store.getVersion()));
    }
    ReleaseVersion cluster = clusterVersion(image);
    if (!version.isCompatibleWith(cluster)) {
      throw ClusterException.unknown(
          "version should compatible with version  %s, got %s".formatted(cluster, version));
    }
  }

  private static void checkAddress(Store store, ClusterImage image) {
    for (StoreInfo other : image.liveStores()) {
      boolean same = !store.getAddress().isEmpty() && sameAddress(store, other.meta());
      if (same && other.id() != store.getId() && !other.meta().getPhysicallyDestroyed()) {
        throw ClusterException.unknown(
            "duplicated store address: id:%d address:\"%s\" , already registered by id:%d address:\"%s\""
                .formatted(
                    store.getId(), store.getAddress(), other.id(), other.meta().getAddress()));
      }
    }
  }

  private static boolean sameAddress(Store a, Store b) {
    return a.getAddress().equals(b.getAddress())
        || (!a.getPeerAddress().isEmpty() && a.getPeerAddress().equals(b.getPeerAddress()));
  }

  private static void checkLabels(Store store, PdConfig config) {
    Set<String> location = new TreeSet<>(config.replication().locationLabels());
    Set<String> keys = new TreeSet<>();
    for (StoreLabel label : store.getLabelsList()) {
      keys.add(label.getKey());
    }
    if (config.replication().strictlyMatchLabel() && !keys.containsAll(location)) {
      throw ClusterException.unknown(
          "label configuration is incorrect, need to specify the key: " + location);
    }
    String engine = "";
    for (StoreLabel label : store.getLabelsList()) {
      if (label.getKey().equals("engine")) {
        engine = label.getValue();
      }
    }
    if (engine.startsWith("tiflash") && !config.replication().enablePlacementRules()) {
      throw ClusterException.unknown("placement rules is disabled");
    }
  }

  private Store merge(
      Store given, @Nullable Store known, boolean replaceLabels, ClusterImage image) {
    Store.Builder merged = given.toBuilder();
    if (known == null) {
      boolean small = image.regions().size() < PREPARING_REGION_COUNT;
      merged.setState(StoreState.Up);
      merged.setNodeState(small ? NodeState.Serving : NodeState.Preparing);
      merged.setLastHeartbeat(clock.wallMillis() * 1_000_000L);
      return merged.build();
    }
    merged
        .setState(known.getState())
        .setNodeState(known.getNodeState())
        .setPhysicallyDestroyed(known.getPhysicallyDestroyed())
        .setLastHeartbeat(known.getLastHeartbeat());
    if (!replaceLabels) {
      merged.clearLabels().addAllLabels(mergeLabels(known, given));
    }
    return merged.build();
  }

  private static List<StoreLabel> mergeLabels(Store known, Store given) {
    Map<String, StoreLabel> byKey = new LinkedHashMap<>();
    for (StoreLabel label : known.getLabelsList()) {
      byKey.put(label.getKey().toLowerCase(Locale.ROOT), label);
    }
    for (StoreLabel label : given.getLabelsList()) {
      byKey.put(label.getKey().toLowerCase(Locale.ROOT), label);
    }
    List<StoreLabel> merged = new ArrayList<>(byKey.values());
    merged.removeIf(label -> label.getValue().isEmpty());
    return merged;
  }

  private void persist(Store store) {
    meta.put(paths.store(store.getId()), store.toByteArray());
  }

  /** Saves what a heartbeat changed in the metadata; nothing happens to an unknown store. */
  void persistHeartbeat(long storeId) {
    lock.lock();
    try {
      StoreInfo store = loop.image().store(storeId);
      if (store != null) {
        persist(store.meta());
        long now = clock.monotonicNanos();
        loop.offer(new ClusterCommand.StoreUpdate(storeId, info -> info.withPersisted(now)));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the labels of a store. */
  public void setLabels(long storeId, List<StoreLabel> labels, boolean replace) {
    StoreInfo store = existing(storeId);
    put(store.meta().toBuilder().clearLabels().addAllLabels(labels).build(), replace);
  }

  private StoreInfo existing(long storeId) {
    StoreInfo store = loop.image().store(storeId);
    if (store == null) {
      throw notFound(storeId);
    }
    return store;
  }

  /** The refusal of an unknown store; clients look for its words. */
  public static ClusterException notFound(long storeId) {
    return ClusterException.unknown("invalid store ID %d, not found".formatted(storeId));
  }

  public void setWeights(long storeId, double leader, double region) {
    if (leader < 0 || region < 0) {
      throw ClusterException.unknown("store weight must not be negative");
    }
    lock.lock();
    try {
      existing(storeId);
      meta.put(paths.storeWeight(storeId), leader + " " + region);
      loop.offer(
          new ClusterCommand.StoreUpdate(
              storeId, info -> info.withSettings(info.settings().withWeights(leader, region))));
      awaitLoop();
    } finally {
      lock.unlock();
    }
  }

  /** Limits of peers per minute that the store may gain and lose. */
  public void setLimits(long storeId, double addPerMinute, double removePerMinute) {
    if (!(addPerMinute > 0) || !(removePerMinute > 0)) {
      throw ClusterException.unknown("store limit must be positive");
    }
    lock.lock();
    try {
      existing(storeId);
      meta.put(paths.storeLimit(storeId), addPerMinute + " " + removePerMinute);
      loop.offer(
          new ClusterCommand.StoreUpdate(
              storeId,
              info ->
                  info.withSettings(info.settings().withLimits(addPerMinute, removePerMinute))));
      awaitLoop();
    } finally {
      lock.unlock();
    }
  }

  /** Moves a store's state; the caller has decided that the transition is legal. */
  private void changeState(long storeId, StoreState state, NodeState node, boolean destroyed) {
    Store changed =
        existing(storeId).meta().toBuilder()
            .setState(state)
            .setNodeState(node)
            .setPhysicallyDestroyed(destroyed)
            .build();
    persist(changed);
    loop.offer(new ClusterCommand.StoreUpdate(storeId, info -> info.withMeta(changed)));
    awaitLoop();
  }

  /** Begins to move everything away from a store. */
  public void remove(long storeId, boolean physicallyDestroyed) {
    lock.lock();
    try {
      StoreInfo store = existing(storeId);
      if (store.isRemoved()) {
        throw new ClusterException(
            ErrorType.STORE_TOMBSTONE, "store %d has been removed".formatted(storeId));
      }
      if (store.isRemoving() && store.meta().getPhysicallyDestroyed() == physicallyDestroyed) {
        return;
      }
      checkEnoughStoresRemain(storeId);
      changeState(storeId, StoreState.Offline, NodeState.Removing, physicallyDestroyed);
    } finally {
      lock.unlock();
    }
  }

  private void checkEnoughStoresRemain(long leaving) {
    ClusterImage image = loop.image();
    long remaining =
        image.liveStores().stream()
            .filter(store -> store.isUp() && store.id() != leaving && !store.isTiFlash())
            .count();
    if (remaining < image.config().replication().maxReplicas()
        && image.regions().onStore(leaving).regionCount() > 0) {
      throw ClusterException.unknown(
          "can not remove store %d since the number of up stores would be %d while need %d"
              .formatted(leaving, remaining, image.config().replication().maxReplicas()));
    }
  }

  /** Takes a removal back. */
  public void cancelRemoval(long storeId) {
    lock.lock();
    try {
      StoreInfo store = existing(storeId);
      if (store.isRemoved()) {
        throw new ClusterException(
            ErrorType.STORE_TOMBSTONE, "store %d has been removed".formatted(storeId));
      }
      if (store.meta().getPhysicallyDestroyed()) {
        throw ClusterException.unknown("store %d is destroyed".formatted(storeId));
      }
      changeState(storeId, StoreState.Up, NodeState.Serving, false);
    } finally {
      lock.unlock();
    }
  }

  /** Periodic: a store that holds nothing any more is removed; a prepared one serves. */
  public void advanceStates() {
    lock.lock();
    try {
      ClusterImage image = loop.image();
      for (StoreInfo store : image.liveStores()) {
        if (store.isRemoving() && image.regions().onStore(store.id()).regionCount() == 0) {
          changeState(
              store.id(),
              StoreState.Tombstone,
              NodeState.Removed,
              store.meta().getPhysicallyDestroyed());
        } else if (store.isPreparing() && isPrepared(store, image)) {
          changeState(store.id(), StoreState.Up, NodeState.Serving, false);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a new store carries its share, or has had the time to. */
  private boolean isPrepared(StoreInfo store, ClusterImage image) {
    if (image.regions().size() < PREPARING_REGION_COUNT) {
      return true;
    }
    long upMillis = clock.wallMillis() - store.meta().getStartTimestamp() * 1000;
    if (upMillis >= image.config().schedule().maxStorePreparingTime().toMillis()) {
      return true;
    }
    long stores = image.liveStores().stream().filter(StoreInfo::isUp).count();
    long total =
        image.liveStores().stream()
            .mapToLong(other -> image.regions().onStore(other.id()).regionSizeMib())
            .sum();
    return image.regions().onStore(store.id()).regionSizeMib() >= total / stores * 9 / 10;
  }

  /** Forgets removed stores; how many. */
  public int forgetTombstones() {
    lock.lock();
    try {
      int forgotten = 0;
      for (StoreInfo store : loop.image().storeList()) {
        if (store.isRemoved() && loop.image().regions().onStore(store.id()).regionCount() == 0) {
          meta.delete(paths.store(store.id()));
          loop.offer(new ClusterCommand.StoreForget(store.id()));
          forgotten++;
        }
      }
      awaitLoop();
      return forgotten;
    } finally {
      lock.unlock();
    }
  }

  /** The lowest version of all stores in use; it decides which features the cluster may use. */
  static ReleaseVersion clusterVersion(ClusterImage image) {
    ReleaseVersion lowest = null;
    for (StoreInfo store : image.liveStores()) {
      ReleaseVersion version = ReleaseVersion.parse(store.meta().getVersion());
      if (version != null && (lowest == null || version.compareTo(lowest) < 0)) {
        lowest = version;
      }
    }
    return lowest == null ? ReleaseVersion.CURRENT : lowest;
  }
}
