package io.rutile.pd.schedule;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.checker.JointStateChecker;
import io.rutile.pd.schedule.checker.MergeChecker;
import io.rutile.pd.schedule.checker.ReplicaChecker;
import io.rutile.pd.schedule.checker.RuleChecker;
import io.rutile.pd.schedule.checker.SplitChecker;
import io.rutile.pd.schedule.hot.HotPeers;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.pd.schedule.placement.RuleSet;
import io.rutile.pd.schedule.scatter.RegionScatterer;
import io.rutile.pd.schedule.schedulers.Scheduler;
import io.rutile.proto.pdpb.StoreStats;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Map<String, SchedulerRun> runs = new LinkedHashMap<>();
  private final HotPeers hot = new HotPeers();
  private final Supplier<RuleSet> rules;
  private final Supplier<RegionLabels> labels;
  private final long startNanos;
  private byte[] patrolCursor = new byte[0];
  private boolean prepared;
  private long nowNanos;

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
    this.nowNanos = startNanos;
    this.mergeChecker = new MergeChecker(startNanos);
  }

  public OperatorController operators() {
    return operators;
  }

  /** Adds a scheduler, or puts it in the place of the one of that name. */
  public void install(Scheduler scheduler) {
    SchedulerRun known = runs.get(scheduler.name());
    if (known != null) {
      known.replace(scheduler);
    } else {
      runs.put(scheduler.name(), new SchedulerRun(scheduler, nowNanos));
    }
  }

  public void uninstall(String name) {
    runs.remove(name);
  }

  /**
   * Lets a scheduler rest; 0 lets it go on.
   *
   * @param name a scheduler, or {@code all}; nothing happens when there is none of that name
   */
  public void pause(String name, long seconds) {
    for (SchedulerRun run : runs.values()) {
      if (name.equals("all") || name.equals(run.name())) {
        run.pause(nowNanos, seconds * 1_000_000_000L);
      }
    }
  }

  public List<SchedulerRun> runs() {
    return List.copyOf(runs.values());
  }

  public @Nullable SchedulerRun run(String name) {
    return runs.get(name);
  }

  public HotPeers hot() {
    return hot;
  }

  public MergeChecker mergeChecker() {
    return mergeChecker;
  }

  public Planning planning(ClusterImage image) {
    Set<Long> shunned = new HashSet<>();
    Set<Long> keeping = new HashSet<>();
    for (StoreInfo store : image.liveStores()) {
      for (SchedulerRun run : runs.values()) {
        if (run.scheduler().shuns(store)) {
          shunned.add(store.id());
        }
        if (run.scheduler().keeps(store)) {
          keeping.add(store.id());
        }
      }
    }
    return new Planning(
        image, operators, ids, random, shunned, keeping, rules.get(), labels.get(), hot);
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
    return start(image, proposal);
  }

  private @Nullable String start(ClusterImage image, Proposal proposal) {
    String refusal = null;
    for (List<Operator> group : proposal.groups()) {
      refusal = operators.add(image, group);
    }
    return refusal;
  }

  @Override
  public void onRegion(ClusterImage image, RegionInfo region) {
    hot.report(region, image.nowNanos());
    operators.dispatch(image, region);
  }

  @Override
  public void onStore(ClusterImage image, StoreStats stats) {
    hot.report(stats, image.regions()::region, image.nowNanos());
  }

  @Override
  public void onTick(ClusterImage image) {
    nowNanos = image.nowNanos();
    operators.tick(image);
    hot.tick(nowNanos);
    mergeChecker.tick(image);
    if (image.config().schedule().haltScheduling() || !isPrepared(image)) {
      return;
    }
    Planning planning = planning(image);
    patrol(planning);
    for (SchedulerRun run : runs.values()) {
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
      start(planning.image(), proposal);
    }
  }
}
