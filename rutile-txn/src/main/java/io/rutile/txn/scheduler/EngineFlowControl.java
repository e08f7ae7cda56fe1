package io.rutile.txn.scheduler;

import io.rutile.base.clock.Clock;
import io.rutile.base.metric.CompatCounter;
import io.rutile.base.metric.Gauge;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.EngineStatistics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Holds writes back before the engine has to: what the engine stalls, it stalls for everybody, log
 * application of followers included, while a refused client backs off alone.
 *
 * <p>Two signs of pressure, looked at once a second. Too many files at level 0: flushes come faster
 * than compactions, so writes are let in at a rate, at first somewhat below what came in before,
 * less with every look at which the files have not become fewer; once they are few enough the rate
 * grows until nobody needs it. A large debt of compaction: of all writes a share is refused that
 * rises from none at the soft limit to all at the hard one.
 *
 * <p>While there is no pressure, a write passes at the cost of one counter. Safe for use by any
 * thread; {@link #observe} is called by one at a time.
 */
public final class EngineFlowControl implements FlowControl {
  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final long LEAST_BYTES_PER_SECOND = 1 << 20;
  private static final double FIRST_CUT = 0.8;
  private static final double CUT = 0.9;
  private static final double GROWTH = 1.25;

  /**
   * Settings, named by their configuration items below {@code storage.flow-control}.
   *
   * @param enabled enable
   * @param level0Files l0-files-threshold
   * @param softPendingBytes soft-pending-compaction-bytes-limit
   * @param hardPendingBytes hard-pending-compaction-bytes-limit
   */
  public record Settings(
      boolean enabled, int level0Files, long softPendingBytes, long hardPendingBytes) {
    public static Settings defaults() {
      return new Settings(true, 20, 192L << 30, 1024L << 30);
    }

    public Settings {
      if (hardPendingBytes <= softPendingBytes) {
        throw new IllegalArgumentException(
            "hard-pending-compaction-bytes-limit is not above the soft limit");
      }
    }
  }

  private final Clock clock;
  private final LongAdder admitted = new LongAdder();
  private final CompatCounter.Child refusals;
  private final Gauge flowGauge;
  private final Gauge limitGauge;
  private final Gauge ratioGauge;
  private volatile Settings settings;
  private volatile boolean open = true;
  private long limit = NO_LIMIT;
  private double tokens;
  private long filledNanos;
  private double refusedShare;
  private double refusalDebt;
  private int lastLevel0;
  private long observedNanos;

  public EngineFlowControl(Clock clock, MetricRegistry metrics, Settings settings) {
    this.clock = clock;
    this.settings = settings;
    this.observedNanos = clock.monotonicNanos();
    refusals =
        metrics
            .counter(
                "tikv_scheduler_throttle_action_total", "Writes that were held back", "cf", "type")
            .labels("all", "refused");
    flowGauge = metrics.gauge("tikv_scheduler_write_flow", "Bytes of writes let in each second");
    limitGauge =
        metrics.gauge("tikv_scheduler_throttle_flow", "Limit of that, 0 while there is none");
    ratioGauge = metrics.gauge("tikv_scheduler_discard_ratio", "Share of writes that is refused");
  }

  /** Changes the settings; what follows from them is seen at the next look. */
  public void setSettings(Settings changed) {
    settings = changed;
  }

  @Override
  public boolean admits(long bytes) {
    if (!open && !admitsUnderPressure(bytes)) {
      refusals.increment();
      return false;
    }
    admitted.add(bytes);
    return true;
  }

  private synchronized boolean admitsUnderPressure(long bytes) {
    refusalDebt += refusedShare;
    if (refusalDebt >= 1) {
      refusalDebt -= 1;
      return false;
    }
    if (limit == NO_LIMIT) {
      return true;
    }
    long now = clock.monotonicNanos();
    double seconds = (now - filledNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    filledNanos = now;
    tokens = Math.min(limit, tokens + seconds * limit);
    if (tokens <= 0) {
      return false;
    }
    tokens -= bytes; // one write may go into debt, so that a large one passes at all
    return true;
  }

  /** Looks at the engine. */
  public synchronized void observe(EngineStatistics engine) {
    long now = clock.monotonicNanos();
    double seconds = Math.max(1, now - observedNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    observedNanos = now;
    long flow = (long) (admitted.sumThenReset() / seconds);
    Settings current = settings;
    adaptLimit(current, engine.level0Files(), flow, now);
    refusedShare =
        current.enabled()
            ? Math.clamp(
                (engine.pendingCompactionBytes() - current.softPendingBytes())
                    / (double) (current.hardPendingBytes() - current.softPendingBytes()),
                0,
                1)
            : 0;
    open = limit == NO_LIMIT && refusedShare == 0;
    flowGauge.set(flow);
    limitGauge.set(limit == NO_LIMIT ? 0 : limit);
    ratioGauge.set(refusedShare);
  }

  private void adaptLimit(Settings current, int level0, long flow, long now) {
    boolean pressed = current.enabled() && level0 > current.level0Files();
    if (pressed && limit == NO_LIMIT) {
      limit = Math.max(LEAST_BYTES_PER_SECOND, (long) (flow * FIRST_CUT));
      tokens = limit;
      filledNanos = now;
    } else if (pressed && level0 >= lastLevel0) {
      limit = Math.max(LEAST_BYTES_PER_SECOND, (long) (limit * CUT));
    } else if (!pressed && limit != NO_LIMIT) {
      limit = flow < limit / 2 ? NO_LIMIT : (long) (limit * GROWTH);
    }
    lastLevel0 = level0;
  }
}
