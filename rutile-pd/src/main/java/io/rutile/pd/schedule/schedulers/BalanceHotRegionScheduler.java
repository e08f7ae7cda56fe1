package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.hot.Dimension;
import io.rutile.pd.schedule.hot.HotKind;
import io.rutile.pd.schedule.hot.HotPeer;
import io.rutile.pd.schedule.hot.Load;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.pdpb.OperatorStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Evens out traffic. Each round looks at one burden: reads, writes that leaders serve, or writes
 * that peers store. A store that carries clearly more than the mean gives its hottest peer that
 * another store can take and still stay clearly below what this one has now: so the greater of the
 * two always falls, and nothing is moved back. A burden is counted in two dimensions; a move that
 * helps the first may not overload the target in the second, and when no store stands out in the
 * first the second decides.
 *
 * <p>A move shows in the stores' reports only some reports later. Until then it is added to them
 * here, and the region is left alone.
 *
 * <p>Owned by: the cluster loop.
 */
public final class BalanceHotRegionScheduler implements Scheduler {
  static final String NAME = "balance-hot-region-scheduler";

  /** A store stands out when it carries this much of the mean. */
  private static final double TOLERANCE = 1.05;

  /** What the target has afterwards may be this much of what the source had. */
  private static final double GREAT_DECREASE = 0.95;

  private static final int MAX_PEERS = 60;

  /** Reports after which a move shows. */
  private static final int ECHO_REPORTS = 3;

  private static final long NANOS = 1_000_000_000L;
  private static final long MIN_ECHO_NANOS = 60 * NANOS;

  /** What is evened out. */
  private enum Burden {
    READ(HotKind.READ, true, Dimension.BYTES, Dimension.QUERIES),
    WRITE_LEADER(HotKind.WRITE, true, Dimension.QUERIES, Dimension.BYTES),
    WRITE_PEER(HotKind.WRITE, false, Dimension.BYTES, Dimension.KEYS);

    private final HotKind kind;
    private final boolean byLeaders;
    private final List<Dimension> dimensions;

    Burden(HotKind kind, boolean byLeaders, Dimension first, Dimension second) {
      this.kind = kind;
      this.byLeaders = byLeaders;
      this.dimensions = List.of(first, second);
    }
  }

  /** A move that the reports do not show yet. */
  private record Pending(Burden burden, Operator operator, HotPeer peer, long target) {
    boolean isOver(Planning planning) {
      if (operator.isRunning()) {
        return planning.operators().operator(operator.regionId()) != operator;
      }
      return operator.status() != OperatorStatus.SUCCESS
          || planning.image().nowNanos() - operator.endNanos() > echoNanos();
    }

    private long echoNanos() {
      return Math.max(MIN_ECHO_NANOS, ECHO_REPORTS * peer.intervalSeconds() * NANOS);
    }

    /** How much of the move the stores' reports do not show yet, from 1 down to 0. */
    double hidden(long nowNanos) {
      return operator.isRunning()
          ? 1
          : Math.max(0, 1 - (double) (nowNanos - operator.endNanos()) / echoNanos());
    }
  }

  /** A move that may be worth it; the lower the ratio, the more. */
  private record Candidate(Operator operator, HotPeer peer, long target, double ratio) {}

  private final Map<Long, Pending> pending = new HashMap<>();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Proposal propose(Planning planning) {
    pending.values().removeIf(move -> move.isOver(planning));
    if (!planning.operators().isAllowed(OperatorKind.HOT_REGION, planning.schedule())) {
      return Proposal.nothing("hot-region-schedule-limit is reached");
    }
    List<Burden> order = new ArrayList<>(List.of(Burden.values()));
    Collections.rotate(order, planning.random().nextInt(order.size()));
    for (Burden burden : order) {
      Map<Long, Load> loads = loads(planning, burden);
      for (int dimension = 0; dimension < 2; dimension++) {
        Candidate best = solve(planning, burden, dimension, loads);
        if (best != null) {
          pending.put(
              best.peer.regionId(), new Pending(burden, best.operator, best.peer, best.target));
          return Proposal.of(best.operator);
        }
      }
    }
    return Proposal.nothing("no store is hotter than others in a way that a move would better");
  }

  /**
   * What each store carries once all that was begun is done. The hot peers' sum shows a move at
   * once when it is done, a store's own report only little by little; the greater one counts.
   */
  private Map<Long, Load> loads(Planning planning, Burden burden) {
    Map<Long, Load> carried = new HashMap<>();
    Map<Long, Load> reported = new HashMap<>();
    for (StoreInfo store : planning.image().liveStores()) {
      if (store.isUp() && !store.isTiFlash()) {
        carried.put(store.id(), planning.hot().carried(burden.kind, store.id(), burden.byLeaders));
        reported.put(store.id(), planning.hot().reported(burden.kind, store.id()));
      }
    }
    for (Pending move : pending.values()) {
      if (move.burden == burden) {
        double hidden = move.hidden(planning.image().nowNanos());
        shift(reported, move.peer.storeId(), move, -hidden);
        shift(reported, move.target, move, hidden);
        if (move.operator.isRunning()) {
          shift(
              carried,
              move.peer.storeId(),
              move,
              carries(planning, move.peer.storeId(), move) ? -1 : 0);
          shift(carried, move.target, move, carries(planning, move.target, move) ? 0 : 1);
        }
      }
    }
    if (burden != Burden.WRITE_LEADER) {
      carried.replaceAll((store, load) -> load.atLeast(loadOf(reported, store)));
    }
    return carried;
  }

  /** Whether the sum of a store's hot peers has the peer that moves. */
  private static boolean carries(Planning planning, long store, Pending move) {
    Burden burden = move.burden;
    HotPeer peer = planning.hot().peer(burden.kind, store, move.peer.regionId());
    return peer != null && (peer.leader() || !burden.byLeaders);
  }

  private static void shift(Map<Long, Load> loads, long store, Pending move, double share) {
    loads.computeIfPresent(store, (id, load) -> load.plus(move.peer.load().times(share)));
  }

  private @Nullable Candidate solve(
      Planning planning, Burden burden, int dimension, Map<Long, Load> loads) {
    Dimension first = burden.dimensions.get(dimension);
    double mean = mean(loads, first);
    if (mean < burden.kind.threshold().of(first)) {
      return null;
    }
    List<Long> sources = new ArrayList<>(loads.keySet());
    sources.removeIf(store -> loadOf(loads, store).of(first) <= mean * TOLERANCE);
    sources.sort(
        Comparator.comparingDouble((Long store) -> loadOf(loads, store).of(first)).reversed());
    for (long source : sources) {
      Candidate best = null;
      for (HotPeer peer : movable(planning, burden, source, first)) {
        Candidate candidate = bestTarget(planning, burden, dimension, loads, peer);
        if (candidate != null && (best == null || candidate.ratio < best.ratio)) {
          best = candidate;
        }
      }
      if (best != null) {
        return best;
      }
    }
    return null;
  }

  private static double mean(Map<Long, Load> loads, Dimension dimension) {
    double sum = 0;
    for (Load load : loads.values()) {
      sum += load.of(dimension);
    }
    return loads.isEmpty() ? 0 : sum / loads.size();
  }

  private static Load loadOf(Map<Long, Load> loads, long store) {
    return loads.getOrDefault(store, Load.NONE);
  }

  private List<HotPeer> movable(
      Planning planning, Burden burden, long source, Dimension dimension) {
    long minDegree = planning.schedule().hotRegionCacheHitsThreshold();
    List<HotPeer> peers = new ArrayList<>();
    for (HotPeer peer : planning.hot().onStore(burden.kind, source)) {
      RegionInfo region = planning.image().regions().region(peer.regionId());
      if (region != null
          && peer.degree() >= minDegree
          && (!burden.byLeaders || peer.leader())
          && !pending.containsKey(peer.regionId())
          && planning.operators().operator(peer.regionId()) == null
          && region.isHealthy()
          && !region.inJointState()
          && !planning.labels().denies(region, RegionLabels.SCHEDULE)) {
        peers.add(peer);
      }
    }
    peers.sort(Comparator.comparingDouble((HotPeer peer) -> peer.load().of(dimension)).reversed());
    return peers.subList(0, Math.min(MAX_PEERS, peers.size()));
  }

  private static @Nullable Candidate bestTarget(
      Planning planning, Burden burden, int dimension, Map<Long, Load> loads, HotPeer peer) {
    RegionInfo region = planning.image().regions().region(peer.regionId());
    if (region == null || !Safeguard.of(planning, region).isReplicated()) {
      return null;
    }
    List<Long> targets = new ArrayList<>(loads.keySet());
    targets.sort(
        Comparator.comparingDouble(
            store -> loadOf(loads, store).of(burden.dimensions.get(dimension))));
    for (long target : targets) {
      double ratio = ratio(burden, dimension, loads, peer, target);
      if (ratio > GREAT_DECREASE) {
        continue;
      }
      Operator operator = move(planning, burden, region, peer, target);
      if (operator != null) {
        return new Candidate(operator, peer, target, ratio);
      }
    }
    return null;
  }

  /**
   * The target's load afterwards by the source's now; infinite when the move is out of question.
   */
  private static double ratio(
      Burden burden, int dimension, Map<Long, Load> loads, HotPeer peer, long target) {
    if (target == peer.storeId()) {
      return Double.POSITIVE_INFINITY;
    }
    Dimension first = burden.dimensions.get(dimension);
    Dimension second = burden.dimensions.get(1 - dimension);
    if (peer.load().of(first) < burden.kind.threshold().of(first)) {
      return Double.POSITIVE_INFINITY;
    }
    Load after = loadOf(loads, target).plus(peer.load());
    Load before = loadOf(loads, peer.storeId());
    double allowed = Math.max(before.of(second), mean(loads, second) * TOLERANCE);
    if (after.of(second) > allowed && peer.load().of(second) > 0) {
      return Double.POSITIVE_INFINITY;
    }
    return after.of(first) / before.of(first);
  }

  private static @Nullable Operator move(
      Planning planning, Burden burden, RegionInfo region, HotPeer peer, long targetId) {
    StoreInfo target = planning.image().store(targetId);
    if (target == null) {
      return null;
    }
    String description = "hot-" + burden.kind.name().toLowerCase(Locale.ROOT);
    Peer present = region.peerOnStore(targetId);
    if (burden.byLeaders && present != null) {
      boolean possible =
          !RegionInfo.isLearner(present)
              && !planning.keeping().contains(peer.storeId())
              && StoreFilters.leaderTarget(planning, target) == null
              && Safeguard.of(planning, region).admitsLeader(targetId);
      return possible
          ? planning
              .plan("transfer-" + description + "-leader", OperatorKind.HOT_REGION, region)
              .leader(targetId)
              .build()
          : null;
    }
    boolean possible =
        burden != Burden.WRITE_LEADER
            && region.sizeMib() <= planning.schedule().maxMovableHotPeerSize()
            && StoreFilters.peerTarget(planning, target) == null
            && Safeguard.of(planning, region).admits(peer.storeId(), target);
    if (!possible) {
      return null;
    }
    OperatorBuilder builder =
        planning
            .plan("move-" + description + "-peer", OperatorKind.HOT_REGION, region)
            .mayLead(Safeguard.of(planning, region)::admitsLeader)
            .remove(peer.storeId());
    if (peer.learner()) {
      return builder.addLearner(targetId).build();
    }
    builder.addVoter(targetId);
    boolean brings = burden == Burden.READ && StoreFilters.leaderTarget(planning, target) == null;
    return brings ? builder.leader(targetId).build() : builder.build();
  }
}
