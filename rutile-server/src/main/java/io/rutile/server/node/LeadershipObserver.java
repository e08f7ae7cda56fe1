package io.rutile.server.node;

import io.rutile.proto.metapb.Region;
import io.rutile.store.observe.RegionObserver;
import io.rutile.txn.storage.TxnStorage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the transaction layer which regions this store leads: the leader of the first one finds the
 * cluster's deadlocks, and requests that wait in a region that is lost are answered.
 *
 * <p>The store is opened before the transaction layer, which stands on it, so the layer comes later
 * by {@link #bind}; leaderships of before are told then. Called on store loops; never blocks.
 */
final class LeadershipObserver implements RegionObserver {
  private final Map<Long, Region> ledBefore = new LinkedHashMap<>();
  private @Nullable TxnStorage bound;

  synchronized void bind(TxnStorage storage) {
    bound = storage;
    ledBefore.values().forEach(region -> tell(storage, region, true));
    ledBefore.clear();
  }

  @Override
  public synchronized void onRoleChange(Region region, long term, boolean leader) {
    TxnStorage storage = bound;
    if (storage != null) {
      tell(storage, region, leader);
    } else if (leader) {
      ledBefore.put(region.getId(), region);
    } else {
      ledBefore.remove(region.getId());
    }
  }

  private static void tell(TxnStorage storage, Region region, boolean leader) {
    storage.onRoleChange(region.getId(), region.getStartKey().toByteArray(), leader);
  }
}
