package io.rutile.pd.schedule.operator;

import io.rutile.pd.core.RegionInfo;
import java.util.HashMap;
import java.util.Map;

/**
 * What operators under way will change on each store once they are done. Schedulers add it to what
 * is, so that they do not do twice what is already being done.
 *
 * <p>Built and used by the cluster loop.
 */
public final class Influence {
  /** Sums of one store; a region's size is in MiB. */
  public static final class OnStore {
    private long leaders;
    private long leaderSizeMib;
    private long regions;
    private long regionSizeMib;

    public long leaders() {
      return leaders;
    }

    public long leaderSizeMib() {
      return leaderSizeMib;
    }

    public long regions() {
      return regions;
    }

    public long regionSizeMib() {
      return regionSizeMib;
    }
  }

  private final Map<Long, OnStore> stores = new HashMap<>();

  public OnStore of(long storeId) {
    return stores.computeIfAbsent(storeId, id -> new OnStore());
  }

  /** Adds the steps that are still to be taken. */
  void add(Operator operator, RegionInfo region) {
    long size = region.sizeMib();
    for (OperatorStep step : operator.openSteps()) {
      switch (step) {
        case OperatorStep.MoveLeader move -> {
          moveLeader(move.fromStore(), -1, size);
          moveLeader(move.toStore(), 1, size);
        }
        case OperatorStep.AddLearner add -> movePeer(add.store(), 1, size);
        case OperatorStep.RemovePeer remove -> movePeer(remove.store(), -1, size);
        case OperatorStep.PromoteLearner promote -> {}
        case OperatorStep.EnterJoint enter -> {}
        case OperatorStep.LeaveJoint leave -> {}
        case OperatorStep.MergeRegion merge -> {}
        case OperatorStep.SplitInto split -> {}
      }
    }
  }

  private void moveLeader(long store, int sign, long size) {
    of(store).leaders += sign;
    of(store).leaderSizeMib += sign * size;
  }

  private void movePeer(long store, int sign, long size) {
    of(store).regions += sign;
    of(store).regionSizeMib += sign * size;
  }
}
