package io.rutile.pd.cluster;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.meta.MetaKv;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The timestamp below which every store has resolved all locks: each store reports its own, and the
 * lowest of all live stores that hold regions counts. Never goes back. Safe for use by any thread.
 */
public final class MinResolvedTs {
  private final MetaKv meta;
  private final String path;
  private final Map<Long, Long> byStore = new ConcurrentHashMap<>();
  private volatile long cluster;

  MinResolvedTs(MetaKv meta, String path) {
    this.meta = meta;
    this.path = path;
    String saved = meta.text(path);
    this.cluster = saved == null ? 0 : Long.parseUnsignedLong(saved, 16);
  }

  /** A store's report. */
  public void report(long storeId, long ts) {
    byStore.put(storeId, ts);
  }

  /** What the store reported last, 0 for nothing. */
  public long ofStore(long storeId) {
    return byStore.getOrDefault(storeId, 0L);
  }

  public Map<Long, Long> byStore() {
    return new TreeMap<>(byStore);
  }

  /** The cluster's, 0 while a store has not reported. */
  public long cluster() {
    return cluster;
  }

  /** Makes a new lowest timestamp durable. */
  void persist(ClusterImage image) {
    long lowest = Long.MAX_VALUE;
    for (StoreInfo store : image.liveStores()) {
      if (image.regions().onStore(store.id()).regionCount() > 0 && !store.isTiFlash()) {
        lowest = Math.min(lowest, ofStore(store.id()));
      }
    }
    if (lowest != Long.MAX_VALUE && lowest > cluster) {
      meta.put(path, Long.toUnsignedString(lowest, 16));
      cluster = lowest;
    }
  }
}
