package io.rutile.pd.core;

import io.rutile.pd.config.ScheduleConfig;

/**
 * How loaded a store counts, by PD's formulas. The balance schedulers even these out. Stateless.
 */
public final class StoreScores {
  private static final double MIN_WEIGHT = 1e-6;
  private static final double GIB = 1 << 30;
  private static final double MIB = 1 << 20;

  /** Free space, in GiB, that is kept in any case. */
  private static final double RESERVED_GIB = 50;

  /** Amplifies size where space matters. */
  private static final double SPACE_FACTOR = 256;

  private static final double MAX_SCORE = 1 << 30;
  private static final double LOW_SPACE_PENALTY = 1e10;

  private StoreScores() {}

  /**
   * @param delta change that is under way, in the policy's unit
   */
  public static double leaderScore(
      StoreInfo store, StoreRegions held, ScheduleConfig config, long delta) {
    double load =
        config.leaderSchedulePolicy().equals("size") ? held.leaderSizeMib() : held.leaderCount();
    return Math.max(0, load + delta) / Math.max(store.settings().leaderWeight(), MIN_WEIGHT);
  }

  /**
   * @param deltaMib change that is under way
   */
  public static double regionScore(
      StoreInfo store, StoreRegions held, ScheduleConfig config, long deltaMib) {
    return config.regionScoreFormulaVersion().equals("v1")
        ? scoreByThresholds(store, held, config, deltaMib)
        : scoreBySpace(store, held, config, deltaMib);
  }

  /** Size while there is room, the room itself when there is little, a blend between. */
  private static double scoreByThresholds(
      StoreInfo store, StoreRegions held, ScheduleConfig config, long deltaMib) {
    double available = store.stats().getAvailable() / MIB;
    double capacity = store.stats().getCapacity() / MIB;
    double used = Math.max(0, capacity - available);
    double amplification = used < 1 || held.regionSizeMib() == 0 ? 1 : held.regionSizeMib() / used;
    double highBound = (1 - config.highSpaceRatio()) * capacity;
    double lowBound = (1 - config.lowSpaceRatio()) * capacity;
    double left = available - deltaMib / amplification;
    double size = held.regionSizeMib() + deltaMib;
    double score;
    if (capacity < 1 || left >= highBound) {
      score = size;
    } else if (left <= lowBound) {
      score = MAX_SCORE - left;
    } else {
      double x1 = Math.max(0, (used + available - highBound) * amplification);
      double x2 = Math.max(x1 + 1, (used + available - lowBound) * amplification);
      double y2 = MAX_SCORE - lowBound;
      score = x1 + (y2 - x1) / (x2 - x1) * (size - x1);
    }
    return score / Math.max(store.settings().regionWeight(), MIN_WEIGHT);
  }

  /** The less free space beyond the reserve, the steeper size counts. */
  private static double scoreBySpace(
      StoreInfo store, StoreRegions held, ScheduleConfig config, long deltaMib) {
    double available = store.stats().getAvailable() / GIB;
    double capacity = store.stats().getCapacity() / GIB;
    double size = Math.max(0, held.regionSizeMib() + deltaMib);
    double reserve = Math.max(RESERVED_GIB, capacity * (1 - config.lowSpaceRatio()));
    double score;
    if (available >= capacity || capacity < 1) {
      score = size;
    } else if (available > reserve && capacity > reserve) {
      double steepness =
          (Math.log(capacity) - Math.log(available - reserve + 1))
              / (capacity - available + reserve - 1);
      score = (1 + SPACE_FACTOR * steepness) * size;
    } else {
      double penalty =
          available < reserve ? LOW_SPACE_PENALTY * (reserve - available) / reserve : 0;
      score = (1 + SPACE_FACTOR * Math.log(capacity) / capacity) * size + penalty;
    }
    return score / Math.max(store.settings().regionWeight(), MIN_WEIGHT);
  }
}
