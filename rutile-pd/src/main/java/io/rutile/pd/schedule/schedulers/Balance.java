package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreScores;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.operator.Influence;

/**
 * When a move is worth it: only if, with everything under way done and a tolerance given to the
 * present state, the source would still be the fuller one. So a move is never followed by its own
 * reversal. Stateless.
 */
final class Balance {
  /** Leaders of difference that are tolerated, to each side. */
  private static final long LEADER_TOLERANCE = 5;

  private static final double ADJUST_RATIO = 0.005;
  private static final double MIN_TOLERANCE = 1;
  private static final long INFLUENCE_AMPLIFICATION = 5;

  private Balance() {}

  /** Score with everything under way done; what stores are sorted by. */
  static double leaderScore(ClusterImage image, StoreInfo store, Influence influence) {
    return leaderScoreWith(image, store, leaderInfluence(image, store, influence));
  }

  private static double leaderScoreWith(ClusterImage image, StoreInfo store, long delta) {
    return StoreScores.leaderScore(
        store, image.regions().onStore(store.id()), image.config().schedule(), delta);
  }

  private static long leaderInfluence(ClusterImage image, StoreInfo store, Influence influence) {
    Influence.OnStore coming = influence.of(store.id());
    boolean bySize = image.config().schedule().leaderSchedulePolicy().equals("size");
    return bySize ? coming.leaderSizeMib() : coming.leaders();
  }

  /**
   * Whatever is under way at either store, in or out, counts against the move: else a store that is
   * just being filled would look like one to empty.
   */
  static boolean movesLeader(
      Planning planning, Influence influence, StoreInfo source, StoreInfo target) {
    ClusterImage image = planning.image();
    boolean bySize = planning.schedule().leaderSchedulePolicy().equals("size");
    long tolerance = bySize ? sizeTolerance(planning) : countTolerance(planning);
    long out = Math.abs(leaderInfluence(image, source, influence));
    long in = Math.abs(leaderInfluence(image, target, influence));
    return leaderScoreWith(image, source, -out - tolerance)
        > leaderScoreWith(image, target, in + tolerance);
  }

  private static long countTolerance(Planning planning) {
    double configured = planning.schedule().tolerantSizeRatio();
    return configured > 0 ? (long) Math.max(1, configured) : LEADER_TOLERANCE;
  }

  private static long sizeTolerance(Planning planning) {
    ClusterImage image = planning.image();
    double ratio = planning.schedule().tolerantSizeRatio();
    if (ratio == 0) {
      int most = 0;
      for (StoreInfo store : image.liveStores()) {
        most = Math.max(most, image.regions().onStore(store.id()).regionCount());
      }
      ratio = Math.max(MIN_TOLERANCE, most * ADJUST_RATIO);
    }
    return (long) (ratio * Math.max(1, image.regions().averageSizeMib()));
  }

  /** Score with everything under way done; what stores are sorted by. */
  static double regionScore(ClusterImage image, StoreInfo store, Influence influence) {
    return regionScoreWith(image, store, influence.of(store.id()).regionSizeMib());
  }

  private static double regionScoreWith(ClusterImage image, StoreInfo store, long deltaMib) {
    return StoreScores.regionScore(
        store, image.regions().onStore(store.id()), image.config().schedule(), deltaMib);
  }

  /** As {@link #movesLeader}; what is under way counts several times, since it takes long. */
  static boolean movesRegion(
      Planning planning,
      Influence influence,
      StoreInfo source,
      StoreInfo target,
      RegionInfo region) {
    ClusterImage image = planning.image();
    long tolerance = Math.max(region.sizeMib(), sizeTolerance(planning));
    long out = Math.abs(influence.of(source.id()).regionSizeMib()) * INFLUENCE_AMPLIFICATION;
    long in = Math.abs(influence.of(target.id()).regionSizeMib()) * INFLUENCE_AMPLIFICATION;
    return regionScoreWith(image, source, -out - tolerance)
        > regionScoreWith(image, target, in + tolerance);
  }
}
