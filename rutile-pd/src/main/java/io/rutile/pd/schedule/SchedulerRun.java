package io.rutile.pd.schedule;

import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.schedulers.Scheduler;
import java.util.List;

/**
 * One scheduler and its pace: fast while it finds work, slower and slower while it does not.
 *
 * <p>Owned by: the cluster loop.
 */
public final class SchedulerRun {
  private static final long MIN_INTERVAL_NANOS = 10_000_000L;
  private static final long MAX_INTERVAL_NANOS = 5_000_000_000L;
  private static final double GROWTH = 1.3;

  private final Scheduler scheduler;
  private long intervalNanos = MIN_INTERVAL_NANOS;
  private long nextNanos;
  private long pausedUntilNanos;
  private String diagnosis = "pending";

  SchedulerRun(Scheduler scheduler, long nowNanos) {
    this.scheduler = scheduler;
    this.nextNanos = nowNanos;
    this.pausedUntilNanos = nowNanos;
  }

  public String name() {
    return scheduler.name();
  }

  /** What the last round did, or why it did nothing. */
  public String diagnosis() {
    return diagnosis;
  }

  public boolean isPaused(long nowNanos) {
    return nowNanos - pausedUntilNanos < 0;
  }

  public void pause(long nowNanos, long nanos) {
    pausedUntilNanos = nowNanos + nanos;
  }

  void runWhenDue(Planning planning) {
    long now = planning.image().nowNanos();
    if (now - nextNanos < 0 || isPaused(now)) {
      return;
    }
    Proposal proposal = scheduler.propose(planning);
    boolean started = false;
    for (Operator operator : proposal.operators()) {
      String refusal = planning.operators().add(planning.image(), List.of(operator));
      started |= refusal == null;
      diagnosis = refusal == null ? "scheduling" : refusal;
    }
    if (proposal.isEmpty()) {
      diagnosis = proposal.reason();
    }
    intervalNanos =
        started ? MIN_INTERVAL_NANOS : (long) Math.min(MAX_INTERVAL_NANOS, intervalNanos * GROWTH);
    nextNanos = now + intervalNanos;
  }
}
