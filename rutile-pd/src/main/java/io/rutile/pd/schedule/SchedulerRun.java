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

  private Scheduler scheduler;
  private long intervalNanos = MIN_INTERVAL_NANOS;
  private long nextNanos;
  private long pausedUntilNanos;
  private String status = "pending";
  private String summary = "";
  private long diagnosedNanos;

  SchedulerRun(Scheduler scheduler, long nowNanos) {
    this.scheduler = scheduler;
    this.nextNanos = nowNanos;
    this.pausedUntilNanos = nowNanos;
  }

  public String name() {
    return scheduler.name();
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** Goes on with the same scheduler, set in another way. */
  void replace(Scheduler changed) {
    scheduler = changed;
  }

  /**
   * How it is, in PD's words: {@code pending} while it could propose but may not start, {@code
   * scheduling}, {@code normal} while there is nothing to do, {@code paused}, {@code halted}.
   */
  public String status(long nowNanos, boolean halted) {
    return halted ? "halted" : isPaused(nowNanos) ? "paused" : status;
  }

  /** Why the last round did nothing; empty otherwise. */
  public String summary() {
    return summary;
  }

  /** When the last round was, monotonic. */
  public long diagnosedNanos() {
    return diagnosedNanos;
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
    String refusal = null;
    for (List<Operator> group : proposal.groups()) {
      String refused = planning.operators().add(planning.image(), group);
      started |= refused == null;
      refusal = refused == null ? refusal : refused;
    }
    diagnosedNanos = now;
    status = started ? "scheduling" : refusal == null ? "normal" : "pending";
    summary = started ? "" : refusal == null ? proposal.reason() : refusal;
    intervalNanos =
        started ? MIN_INTERVAL_NANOS : (long) Math.min(MAX_INTERVAL_NANOS, intervalNanos * GROWTH);
    nextNanos = now + intervalNanos;
  }
}
