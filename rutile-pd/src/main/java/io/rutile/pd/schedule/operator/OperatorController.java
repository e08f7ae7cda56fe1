package io.rutile.pd.schedule.operator;

import io.rutile.pd.config.ScheduleConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.OperatorStatus;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All operators under way and those that ended lately. A heartbeat of a region with an operator
 * moves it on; without heartbeats the order is repeated every few seconds.
 *
 * <p>An operator is given up when its region changed in a way that its own steps do not explain.
 *
 * <p>Owned by: the cluster loop.
 */
public final class OperatorController {
  private static final long RECORD_NANOS = 600_000_000_000L;
  private static final int MAX_RECORDS = 10_000;
  private static final long RESEND_FAST_NANOS = 2_000_000_000L;
  private static final long RESEND_SLOW_NANOS = 5_000_000_000L;

  private final OrderSender sender;
  private final StoreLimits limits = new StoreLimits();
  private final TreeMap<Long, Operator> running = new TreeMap<>();
  private final Map<Long, Long> resendAtNanos = new TreeMap<>();
  private final Map<Long, Operator> records =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Operator> eldest) {
          return size() > MAX_RECORDS;
        }
      };

  public OperatorController(OrderSender sender) {
    this.sender = sender;
  }

  public @Nullable Operator operator(long regionId) {
    return running.get(regionId);
  }

  /** The operator under way, or the last one that ended; null when there is none. */
  public @Nullable Operator latest(long regionId) {
    Operator now = running.get(regionId);
    return now == null ? records.get(regionId) : now;
  }

  public List<Operator> all() {
    return List.copyOf(running.values());
  }

  public List<Operator> ended() {
    return List.copyOf(records.values());
  }

  public int count(OperatorKind kind) {
    int count = 0;
    for (Operator operator : running.values()) {
      count += operator.kind() == kind ? 1 : 0;
    }
    return count;
  }

  /** Whether another operator of that kind may start. */
  public boolean isAllowed(OperatorKind kind, ScheduleConfig config) {
    long limit =
        switch (kind) {
          case ADMIN, SPLIT -> Long.MAX_VALUE;
          case MERGE -> config.mergeScheduleLimit();
          case REPLICA -> config.replicaScheduleLimit();
          case HOT_REGION -> config.hotRegionScheduleLimit();
          case REGION -> config.regionScheduleLimit();
          case LEADER -> config.leaderScheduleLimit();
        };
    return count(kind) < limit;
  }

  /** Whether the store may gain (or lose) one more peer now. */
  public boolean hasStoreLimit(StoreInfo store, boolean gains, long nowNanos) {
    return limits.isAvailable(store, gains, nowNanos);
  }

  /**
   * Starts operators that belong together, all or none: a merge has one for each of the two
   * regions.
   *
   * @return why they were refused, or null when they run
   */
  public @Nullable String add(ClusterImage image, List<Operator> operators) {
    for (Operator operator : operators) {
      String refusal = refusal(image, operator);
      if (refusal != null) {
        return refusal;
      }
    }
    for (Operator operator : operators) {
      Operator old = running.remove(operator.regionId());
      if (old != null) {
        old.end(OperatorStatus.REPLACE, "replaced by " + operator.description(), image.nowNanos());
        record(old);
      }
      start(image, operator);
    }
    return null;
  }

  private @Nullable String refusal(ClusterImage image, Operator operator) {
    RegionInfo region = image.regions().region(operator.regionId());
    if (region == null) {
      return "region " + operator.regionId() + " not found";
    }
    RegionEpoch epoch = region.epoch();
    if (epoch.getVersion() != operator.epoch().getVersion()
        || epoch.getConfVer() != operator.epoch().getConfVer()) {
      return "region " + operator.regionId() + " has changed since the operator was made";
    }
    Operator old = running.get(operator.regionId());
    if (old != null && operator.kind() != OperatorKind.ADMIN) {
      return "region " + operator.regionId() + " has an operator already";
    }
    if (operator.kind() != OperatorKind.ADMIN
        && !isAllowed(operator.kind(), image.config().schedule())) {
      return "too many operators of kind " + operator.kind().wireName();
    }
    return null;
  }

  private void start(ClusterImage image, Operator operator) {
    long now = image.nowNanos();
    running.put(operator.regionId(), operator);
    operator.start(now);
    for (OperatorStep step : operator.steps()) {
      step.receivingStores().forEach(store -> take(image, store, true, operator));
      step.givingStores().forEach(store -> take(image, store, false, operator));
    }
    RegionInfo region = image.regions().region(operator.regionId());
    if (region != null) {
      dispatch(image, region);
    }
  }

  private void take(ClusterImage image, long storeId, boolean gains, Operator operator) {
    StoreInfo store = image.store(storeId);
    if (store != null) {
      limits.take(store, gains, operator.sizeMib(), image.nowNanos());
    }
  }

  /** Moves the region's operator on by what the region shows, and sends the next order. */
  public void dispatch(ClusterImage image, RegionInfo region) {
    Operator operator = running.get(region.id());
    if (operator == null) {
      return;
    }
    long now = image.nowNanos();
    OperatorStep step = operator.advance(region, now);
    if (step != null) {
      String stale = staleness(operator, step, region);
      if (stale != null) {
        operator.end(OperatorStatus.CANCEL, stale, now);
      }
    }
    if (step == null || !operator.isRunning()) {
      running.remove(region.id());
      resendAtNanos.remove(region.id());
      record(operator);
      return;
    }
    RegionHeartbeatResponse.Builder order = step.order(region);
    if (order != null) {
      sender.send(region, order);
    }
    resendAtNanos.put(region.id(), now + (step.isSlow() ? RESEND_SLOW_NANOS : RESEND_FAST_NANOS));
  }

  private static @Nullable String staleness(
      Operator operator, OperatorStep step, RegionInfo region) {
    String obstacle = step.obstacle(region);
    if (obstacle != null) {
      return obstacle;
    }
    long moved = region.epoch().getConfVer() - operator.epoch().getConfVer();
    if (moved > operator.confVersionsChanged(region)) {
      return "stale operator: conf version moved by " + moved;
    }
    return null;
  }

  private void record(Operator operator) {
    records.remove(operator.regionId());
    records.put(operator.regionId(), operator);
  }

  /** Repeats orders that are due, and ends operators of regions that are gone. */
  public void tick(ClusterImage image) {
    long now = image.nowNanos();
    List<Long> due = new ArrayList<>();
    resendAtNanos.forEach((id, at) -> {
      if (now - at >= 0) {
        due.add(id);
      }
    });
    for (long id : due) {
      RegionInfo region = image.regions().region(id);
      if (region != null) {
        dispatch(image, region);
      } else {
        cancel(id, "region is gone", now);
      }
    }
    records.values().removeIf(operator -> now - operator.endNanos() > RECORD_NANOS);
  }

  /** Ends the region's operator; whether there was one. */
  public boolean cancel(long regionId, String reason, long nowNanos) {
    Operator operator = running.remove(regionId);
    resendAtNanos.remove(regionId);
    if (operator == null) {
      return false;
    }
    boolean merged = operator.currentStep() instanceof OperatorStep.MergeRegion;
    operator.end(merged ? OperatorStatus.SUCCESS : OperatorStatus.CANCEL, reason, nowNanos);
    record(operator);
    return true;
  }

  /** What all operators under way will change. */
  public Influence influence(ClusterImage image) {
    Influence influence = new Influence();
    for (Operator operator : running.values()) {
      RegionInfo region = image.regions().region(operator.regionId());
      if (region != null) {
        influence.add(operator, region);
      }
    }
    return influence;
  }

  /** Operators under way by kind. */
  public Map<OperatorKind, Integer> counts() {
    Map<OperatorKind, Integer> counts = new EnumMap<>(OperatorKind.class);
    for (Operator operator : running.values()) {
      counts.merge(operator.kind(), 1, Integer::sum);
    }
    return counts;
  }
}
