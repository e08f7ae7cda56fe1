package io.rutile.server.resolvedts;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.codec.TimeStamp;
import io.rutile.base.metric.Gauge;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.metapb.Region;
import io.rutile.store.Store;
import io.rutile.store.observe.AppliedBatch;
import io.rutile.store.observe.RegionObserver;
import io.rutile.store.read.ReadProgress;
import io.rutile.txn.concurrency.ConcurrencyManager;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the safe timestamps of the regions that this store leads moving.
 *
 * <p>It hears of every applied change and so knows the open locks of each led region. Every
 * interval it draws a timestamp and runs an {@link AdvanceRound} with it. The order is what makes
 * it right:
 *
 * <ol>
 *   <li>a timestamp of the oracle: who gets a commit timestamp from it later gets a larger one;
 *   <li>max_ts is raised to it: commits that are computed from max_ts from now on lie above;
 *   <li>the oldest lock in memory: a commit computed before, whose lock is not applied, is there;
 *   <li>a majority confirms the leader: whoever leads next begins with a newer timestamp;
 *   <li>the open locks of the region: a commit drawn from the oracle before has its lock applied,
 *       since its client heard of that before it asked for the commit timestamp.
 * </ol>
 *
 * So no commit at or below the resulting timestamp can still come.
 *
 * <p>Locks over the memory quota make the regions that hold them wait: they are forgotten, and read
 * again when there is room.
 *
 * <p>Threads: {@link RegionObserver} methods run on store loops and apply workers and only change
 * the map and the resolvers; rounds begin on {@code resolved-ts-0}.
 */
public final class ResolvedTs implements RegionObserver, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResolvedTs.class);

  /**
   * What it works with once the store and its transactions are there.
   *
   * @param oracle one timestamp
   * @param reportMin hears the least safe timestamp of the led regions after each round
   * @param worker a pool of one thread; closed with this
   */
  public record Parts(
      Store store,
      ConcurrencyManager concurrency,
      Supplier<CompletionStage<Long>> oracle,
      LeaderChecks checks,
      LongConsumer reportMin,
      TaskPool worker,
      Clock clock,
      Timers timers,
      MetricRegistry metrics) {}

  private final Map<Long, LedRegion> led = new ConcurrentHashMap<>();
  private volatile ResolvedTsSettings settings;
  private volatile @Nullable Parts parts;
  private volatile Timers.Timeout next = () -> false;
  private volatile boolean closed;
  private @Nullable Gauge minTs;
  private @Nullable Gauge gapMillis;
  private Histogram.@Nullable Child itemCounts;

  public ResolvedTs(ResolvedTsSettings settings) {
    this.settings = settings;
  }

  /** Begins to run rounds; leaderships of before are known. */
  public void start(Parts given) {
    minTs =
        given
            .metrics()
            .gauge("tikv_resolved_ts_min_resolved_ts", "Least safe timestamp of the led regions");
    gapMillis =
        given
            .metrics()
            .gauge(
                "tikv_resolved_ts_min_resolved_ts_gap_millis",
                "How far the least safe timestamp of the led regions lies behind");
    itemCounts =
        given
            .metrics()
            .histogram(
                "tikv_check_leader_request_item_count",
                "Regions in a round of leader checks",
                Histogram.exponentialBuckets(1.0, 2.0, 20))
            .labels();
    given
        .metrics()
        .gauge("tikv_resolved_ts_lock_heap_bytes", "Memory for open locks")
        .labels()
        .callback(this::lockBytes);
    parts = given;
    later(given);
  }

  /** Changes the settings that may change while running: all but whether it is enabled. */
  public void setSettings(ResolvedTsSettings changed) {
    settings = changed;
  }

  private void later(Parts with) {
    if (!closed) {
      next = with.timers().after(settings.advanceInterval().toNanos(), () -> drawTimestamp(with));
    }
  }

  private void drawTimestamp(Parts with) {
    with.oracle()
        .get()
        .whenComplete((timestamp, failure) -> {
          if (timestamp == null) {
            LOG.debug("no timestamp to resolve to", failure);
            later(with);
          } else if (!with.worker().offer(Priority.NORMAL, () -> advance(with, timestamp))) {
            later(with);
          }
        });
  }

  private void advance(Parts with, long timestamp) {
    try {
      with.concurrency().raiseMaxTs(timestamp);
      long limit = timestamp;
      OptionalLong inMemory = with.concurrency().globalMinLock();
      if (inMemory.isPresent() && Long.compareUnsigned(inMemory.getAsLong(), limit) < 0) {
        limit = inMemory.getAsLong();
      }
      boolean room = keepToQuota();
      List<LedRegion> ready = new ArrayList<>();
      for (LedRegion region : led.values()) {
        if (region.resolver().isReady()) {
          ready.add(region);
        } else if (room) {
          read(with, region);
        }
      }
      observe(ready.size());
      new AdvanceRound(
              with.store().storeId(),
              limit,
              ready,
              with.store().readProgress(),
              with.checks(),
              () -> finish(with))
          .start();
    } catch (RuntimeException e) {
      LOG.error("a round of safe timestamps failed", e);
      later(with);
    }
  }

  private void observe(int regions) {
    Histogram.Child counts = itemCounts;
    if (counts != null) {
      counts.observe(regions);
    }
  }

  /** Reads the locks of a region; it takes part in the next round. */
  private static void read(Parts with, LedRegion region) {
    ReadProgress.State state = with.store().readProgress().state(region.id());
    if (state == null || !region.resolver().begin()) {
      return;
    }
    with.store()
        .snapshot(region.context(state.image().self()), ReadGuard.LEADER)
        .whenComplete((taken, failure) -> {
          if (taken == null) {
            region.resolver().reset();
          } else {
            with.worker().resume(Priority.LOW, () -> read(region, taken));
          }
        });
  }

  private static void read(LedRegion region, RegionSnapshot taken) {
    try (RegionSnapshot snapshot = taken) {
      region.resolver().read(snapshot);
    } catch (RuntimeException e) {
      LOG.warn("the locks of region {} cannot be read", region.id(), e);
      region.resolver().reset();
    }
  }

  private void finish(Parts with) {
    long least = 0;
    ReadProgress progress = with.store().readProgress();
    for (Long regionId : led.keySet()) {
      ReadProgress.State state = progress.state(regionId);
      if (state != null
          && state.safeTs() != 0
          && (least == 0 || Long.compareUnsigned(state.safeTs(), least) < 0)) {
        least = state.safeTs();
      }
    }
    Gauge min = minTs;
    Gauge gap = gapMillis;
    if (least != 0 && min != null && gap != null) {
      min.set(least);
      gap.set(with.clock().wallMillis() - TimeStamp.physicalMillis(least));
      with.reportMin().accept(least);
    }
    later(with);
  }

  private double lockBytes() {
    long bytes = 0;
    for (LedRegion region : led.values()) {
      bytes += region.resolver().bytes();
    }
    return bytes;
  }

  /** Forgets locks until they are within the quota; whether they were. */
  private boolean keepToQuota() {
    double over = lockBytes() - settings.memoryQuotaBytes();
    if (over <= 0) {
      return true;
    }
    for (LedRegion region : led.values()) {
      if (over <= 0) {
        break;
      }
      over -= region.resolver().bytes();
      region.resolver().reset();
    }
    return false;
  }

  @Override
  public void onRoleChange(Region region, long term, boolean leader) {
    if (leader) {
      led.put(region.getId(), LedRegion.begin(region, term));
    } else {
      led.remove(region.getId());
    }
  }

  @Override
  public void onRegionChange(Region region) {
    led.computeIfPresent(region.getId(), (id, known) -> known.with(region));
  }

  @Override
  public void onRegionRemoved(Region region) {
    led.remove(region.getId());
  }

  @Override
  public void onApplied(List<AppliedBatch> batches) {
    for (AppliedBatch batch : batches) {
      LedRegion region = led.get(batch.region().getId());
      if (region != null) {
        region.resolver().onApplied(batch.index(), batch.modifies());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    next.cancel();
    Parts given = parts;
    if (given != null) {
      given.worker().close();
    }
  }
}
