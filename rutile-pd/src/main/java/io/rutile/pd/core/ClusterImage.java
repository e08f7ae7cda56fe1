package io.rutile.pd.core;

import io.rutile.pd.config.PdConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decisions are made from, at one moment. Immutable: schedulers and checkers are
 * functions of it, and readers on other threads see one whole.
 *
 * @param config the settings in force
 * @param stores every store by id, removed ones too
 * @param regions every region
 * @param nowNanos monotonic time of the image
 */
public record ClusterImage(
    PdConfig config, LongTree<StoreInfo> stores, RegionImage regions, long nowNanos) {

  public @Nullable StoreInfo store(long id) {
    return stores.get(id);
  }

  /** All stores in order of their ids. */
  public List<StoreInfo> storeList() {
    List<StoreInfo> list = new ArrayList<>(stores.size());
    stores.forEach((id, store) -> list.add(store));
    return list;
  }

  /** Stores that are not removed, in order of their ids. */
  public List<StoreInfo> liveStores() {
    List<StoreInfo> list = new ArrayList<>(stores.size());
    stores.forEach((id, store) -> {
      if (!store.isRemoved()) {
        list.add(store);
      }
    });
    return list;
  }

  public ClusterImage withStore(StoreInfo store) {
    return new ClusterImage(config, stores.put(store.id(), store), regions, nowNanos);
  }

  public ClusterImage withoutStore(long id) {
    return new ClusterImage(config, stores.remove(id), regions, nowNanos);
  }

  public ClusterImage withRegions(RegionImage changed) {
    return new ClusterImage(config, stores, changed, nowNanos);
  }

  public ClusterImage withConfig(PdConfig changed) {
    return new ClusterImage(changed, stores, regions, nowNanos);
  }

  public ClusterImage at(long nanos) {
    return new ClusterImage(config, stores, regions, nanos);
  }
}
