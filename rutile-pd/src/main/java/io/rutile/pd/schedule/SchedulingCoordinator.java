package io.rutile.pd.schedule;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.checker.JointStateChecker;
import io.rutile.pd.schedule.checker.MergeChecker;
import io.rutile.pd.schedule.checker.ReplicaChecker;
import io.rutile.pd.schedule.checker.RuleChecker;
import io.rutile.pd.schedule.checker.SplitChecker;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.pd.schedule.placement.RuleSet;
import io.rutile.pd.schedule.scatter.RegionScatterer;
import io.rutile.pd.schedule.schedulers.BalanceLeaderScheduler;
import io.rutile.pd.schedule.schedulers.BalanceRegionScheduler;
import io.rutile.pd.schedule.schedulers.EvictLeaderScheduler;
import io.rutile.pd.schedule.schedulers.Scheduler;
import io.rutile.proto.pdpb.StoreStats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The scheduling side of the cluster loop: moves operators on with each heartbeat, patrols the
 * regions with the checkers a slice at a time, and runs each scheduler at its own pace, which slows
 * down while it finds nothing to do.
 *
 * <p>After a start nothing is decided until most regions were heard of, or some minutes have
 * passed: a map with holes would look like missing replicas.
 *
 * <p>Owned by: the cluster loop.
 */
public final class SchedulingCoordinator implements Coordinator {
  private static final int MIN_PATROL = 128;

  /** A whole patrol takes about this many ticks at most. */
  private static final int PATROL_TICKS = 1000;

  private static final double PREPARED_SHARE = 0.8;
  private static final long PREPARE_NANOS = 300_000_000_000L;

  private final OperatorController operators;
  private final LongSupplier ids;
  private final RandomGenerator random;
  private final RegionScatterer scatterer = new RegionScatterer();
  private final MergeChecker mergeChecker;
  private final List<SchedulerRun> runs = new ArrayList<>();
  private final Set<Long> evicted = new HashSet<>();
  private final Supplier<RuleSet> rules;
  private final Supplier<RegionLabels> labels;
  private final long startNanos;
  private byte[] patrolCursor = new byte[0];
  private boolean prepared;

  /**
   * @param rules the placement rules in force
   * @param labels the labels in force
   */
  public SchedulingCoordinator(
      OperatorController operators,
      LongSupplier ids,
      RandomGenerator random,
      Supplier<RuleSet> rules,
      Supplier<RegionLabels> labels,
      long startNanos) {
    this.operators = operators;
    this.ids = ids;
    this.random = random;
    this.rules = rules;
    this.labels = labels;
    this.startNanos = startNanos;
    this.mergeChecker = new MergeChecker(startNanos);
    for (Scheduler scheduler :
        List.of(
            new BalanceLeaderScheduler(),
            new BalanceRegionScheduler(),
            new EvictLeaderScheduler())) {
      runs.add(new SchedulerRun(scheduler, startNanos));
    }
  }

  public OperatorController operators() {
    return operators;
  }

  public List<SchedulerRun> runs() {
    return List.copyOf(runs);
  }

  public @Nullable SchedulerRun run(String name) {
    for (SchedulerRun run : runs) {
      if (run.name().equals(name)) {
        return run;
      }
    }
    return null;
  }

  public MergeChecker mergeChecker() {
    return mergeChecker;
  }

  public Planning planning(ClusterImage image) {
    return new Planning(image, operators, ids, random, evicted, rules.get(), labels.get());
  }

  /** Starts the scattering of a region; why not, null when it runs or is not needed. */
  public @Nullable String scatter(ClusterImage image, long regionId, String group) {
    RegionInfo region = image.regions().region(regionId);
    if (region == null) {
      return "region " + regionId + " not found";
    }
    Proposal proposal = scatterer.scatter(planning(image), region, group);
    if (proposal.isEmpty()) {
      return proposal.reason().isEmpty() ? null : proposal.reason();
    }
    return operators.add(image, proposal.operators());
  }

  @Override
  public void onRegion(ClusterImage image, RegionInfo region) {
    operators.dispatch(image, region);
  }

  @Override
  public void onStore(ClusterImage image, StoreStats stats) {
    // Decisions take the store from the image; a report alone calls for none.
  }

  @Override
  public void onTick(ClusterImage image) {
    operators.tick(image);
    if (image.config().schedule().haltScheduling() || !isPrepared(image)) {
      return;
    }
    Planning planning = planning(image);
    patrol(planning);
    for (SchedulerRun run : runs) {
      run.runWhenDue(planning);
    }
  }

  private boolean isPrepared(ClusterImage image) {
    if (!prepared) {
      long led = 0;
      for (StoreInfo store : image.storeList()) {
        led += image.regions().onStore(store.id()).leaderCount();
      }
      prepared =
          led >= image.regions().size() * PREPARED_SHARE
              || image.nowNanos() - startNanos > PREPARE_NANOS;
    }
    return prepared;
  }

  private void patrol(Planning planning) {
    int batch = Math.max(MIN_PATROL, planning.image().regions().size() / PATROL_TICKS);
    List<RegionInfo> slice =
        planning.image().regions().tree().scan(patrolCursor, new byte[0], batch);
    for (RegionInfo region : slice) {
      check(planning, region);
    }
    patrolCursor = slice.size() < batch ? new byte[0] : slice.getLast().endKey();
  }

  private void check(Planning planning, RegionInfo region) {
    if (operators.operator(region.id()) != null || region.leader() == null) {
      return;
    }
    Proposal proposal = JointStateChecker.check(region);
    if (proposal.isEmpty()) {
      proposal = SplitChecker.check(planning, region);
    }
    if (proposal.isEmpty()) {
      proposal =
          planning.byRules()
              ? RuleChecker.check(planning, region)
              : ReplicaChecker.check(planning, region);
    }
    if (proposal.isEmpty() && !planning.labels().denies(region, RegionLabels.SCHEDULE)) {
      proposal = mergeChecker.check(planning, region);
    }
    if (!proposal.isEmpty()) {
      operators.add(planning.image(), proposal.operators());
    }
  }
}
