package io.rutile.server.node;

import io.rutile.proto.metapb.Region;
import io.rutile.store.observe.RegionObserver;
import io.rutile.txn.storage.TxnStorage;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the transaction layer which regions this store leads: the leader of the first one finds the
 * cluster's deadlocks, and requests that wait in a region that is lost are answered.
 *
 * <p>Which region is the first changes when that one is split or merged.
 *
 * <p>The store is opened before the transaction layer, which stands on it, so the layer comes later
 * by {@link #bind}; leaderships of before are told then. Called on store loops; never blocks.
 */
public final class LeadershipObserver implements RegionObserver {
  private final Set<Long> led = new HashSet<>();

  /** Those of the led regions that begin with the smallest key: one, or none. */
  private final Set<Long> first = new HashSet<>();

  private @Nullable TxnStorage bound;

  public synchronized void bind(TxnStorage storage) {
    bound = storage;
    tellFirst();
  }

  @Override
  public synchronized void onRoleChange(Region region, long term, boolean leader) {
    if (leader) {
      led.add(region.getId());
      note(region);
    } else {
      lose(region);
    }
    tellFirst();
  }

  private void note(Region region) {
    if (region.getStartKey().isEmpty()) {
      first.add(region.getId());
    } else {
      first.remove(region.getId());
    }
  }

  private void lose(Region region) {
    first.remove(region.getId());
    TxnStorage storage = bound;
    if (led.remove(region.getId()) && storage != null) {
      storage.onRegionLost(region.getId());
    }
  }

  @Override
  public synchronized void onRegionChange(Region region) {
    if (led.contains(region.getId())) {
      note(region);
      tellFirst();
    }
  }

  @Override
  public synchronized void onRegionRemoved(Region region) {
    lose(region);
    tellFirst();
  }

  private void tellFirst() {
    TxnStorage storage = bound;
    if (storage != null) {
      storage.deadlockDetector().setLeader(!first.isEmpty());
    }
  }
}
