package io.rutile.pd.schedule.operator;

import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.OperatorStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan for one region and how far it is. It ends as succeeded, timed out, cancelled or replaced.
 *
 * <p>Owned by: the cluster loop.
 */
public final class Operator {
  private static final long NANOS = 1_000_000_000L;
  private static final long FAST_STEP_SECONDS = 60;
  private static final double FAST_SECONDS_PER_MIB = 0.6;
  private static final long SLOW_STEP_SECONDS = 600;
  private static final double SLOW_SECONDS_PER_MIB = 6;
  private static final int MERGE_FACTOR = 10;

  private final String description;
  private final OperatorKind kind;
  private final long regionId;
  private final RegionEpoch epoch;
  private final long sizeMib;
  private final List<OperatorStep> steps;
  private int current;
  private long startNanos;
  private long stepStartNanos;
  private long endNanos;
  private OperatorStatus status = OperatorStatus.RUNNING;
  private String endReason = "";

  public Operator(
      String description, OperatorKind kind, RegionInfo region, List<OperatorStep> steps) {
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("an operator without steps");
    }
    this.description = description;
    this.kind = kind;
    this.regionId = region.id();
    this.epoch = region.epoch();
    this.sizeMib = region.sizeMib();
    this.steps = List.copyOf(steps);
  }

  public String description() {
    return description;
  }

  public OperatorKind kind() {
    return kind;
  }

  public long regionId() {
    return regionId;
  }

  /** The region's epoch when the plan was made. */
  public RegionEpoch epoch() {
    return epoch;
  }

  /** Approximate size of the region, in MiB. */
  public long sizeMib() {
    return sizeMib;
  }

  public List<OperatorStep> steps() {
    return steps;
  }

  public OperatorStatus status() {
    return status;
  }

  public boolean isRunning() {
    return status == OperatorStatus.RUNNING;
  }

  public String endReason() {
    return endReason;
  }

  public long endNanos() {
    return endNanos;
  }

  void start(long nowNanos) {
    startNanos = nowNanos;
    stepStartNanos = nowNanos;
  }

  /** Passes over finished steps; the step to take now, null when the operator has ended. */
  @Nullable OperatorStep advance(RegionInfo region, long nowNanos) {
    while (isRunning() && current < steps.size() && steps.get(current).isFinished(region)) {
      current++;
      stepStartNanos = nowNanos;
    }
    if (isRunning() && current == steps.size()) {
      end(OperatorStatus.SUCCESS, "", nowNanos);
    }
    if (isRunning() && nowNanos - stepStartNanos > timeoutNanos(steps.get(current))) {
      end(OperatorStatus.TIMEOUT, "timeout", nowNanos);
    }
    return isRunning() ? steps.get(current) : null;
  }

  /** The step under way; the last one when all are done. */
  public OperatorStep currentStep() {
    return steps.get(Math.min(current, steps.size() - 1));
  }

  /** Steps that are not done yet. */
  public List<OperatorStep> openSteps() {
    return steps.subList(current, steps.size());
  }

  private long timeoutNanos(OperatorStep step) {
    double seconds =
        step.isSlow()
            ? Math.max(SLOW_STEP_SECONDS, SLOW_SECONDS_PER_MIB * sizeMib)
            : Math.max(FAST_STEP_SECONDS, FAST_SECONDS_PER_MIB * sizeMib);
    return (long) (seconds * NANOS) * (step instanceof OperatorStep.MergeRegion ? MERGE_FACTOR : 1);
  }

  /** Membership changes that this operator accounts for, as the region shows them. */
  long confVersionsChanged(RegionInfo region) {
    long changed = 0;
    for (OperatorStep step : steps.subList(0, Math.min(current + 1, steps.size()))) {
      changed += step.confVersionsChanged(region);
    }
    return changed;
  }

  void end(OperatorStatus how, String reason, long nowNanos) {
    if (isRunning()) {
      status = how;
      endReason = reason;
      endNanos = nowNanos;
    }
  }

  /** How long it has been running, or ran, in milliseconds. */
  public long runningMillis(long nowNanos) {
    return ((isRunning() ? nowNanos : endNanos) - startNanos) / 1_000_000;
  }

  @Override
  public String toString() {
    return description
        + " {region "
        + regionId
        + ", kind "
        + kind.wireName()
        + ", steps "
        + steps
        + ", current step "
        + current
        + ", "
        + status
        + "}";
  }
}
