package io.rutile.pd.schedule.schedulers;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Schedulers by PD's names. Stateless. */
public final class SchedulerFactory {
  /** Those that run unless they were removed. */
  public static final List<String> DEFAULTS =
      List.of(
          BalanceLeaderScheduler.NAME,
          BalanceRegionScheduler.NAME,
          BalanceHotRegionScheduler.NAME,
          EvictSlowStoreScheduler.NAME,
          EvictStoppingStoreScheduler.NAME);

  private static final Map<String, Function<Map<String, ?>, Scheduler>> MAKERS =
      Map.ofEntries(
          Map.entry(BalanceLeaderScheduler.NAME, settings -> new BalanceLeaderScheduler()),
          Map.entry(BalanceRegionScheduler.NAME, settings -> new BalanceRegionScheduler()),
          Map.entry(BalanceHotRegionScheduler.NAME, settings -> new BalanceHotRegionScheduler()),
          Map.entry(EvictSlowStoreScheduler.NAME, settings -> new EvictSlowStoreScheduler()),
          Map.entry(
              EvictStoppingStoreScheduler.NAME, settings -> new EvictStoppingStoreScheduler()),
          Map.entry(
              EvictLeaderScheduler.NAME,
              settings -> new EvictLeaderScheduler(StoreSet.parse(settings))),
          Map.entry(
              GrantLeaderScheduler.NAME,
              settings -> new GrantLeaderScheduler(StoreSet.parse(settings))),
          Map.entry(
              LabelScheduler.NAME, settings -> new LabelScheduler(LabelScheduler.parse(settings))),
          Map.entry(ShuffleLeaderScheduler.NAME, settings -> new ShuffleLeaderScheduler()),
          Map.entry(ShuffleRegionScheduler.NAME, settings -> new ShuffleRegionScheduler()),
          Map.entry(RandomMergeScheduler.NAME, settings -> new RandomMergeScheduler()));

  private SchedulerFactory() {}

  /** Whether the scheduler is for named stores. */
  public static boolean hasStores(String name) {
    return name.equals(EvictLeaderScheduler.NAME) || name.equals(GrantLeaderScheduler.NAME);
  }

  /**
   * @param settings in PD's JSON, as {@link Scheduler#settings()} gives them
   * @throws SchedulerException when there is no scheduler of that name
   */
  public static Scheduler create(String name, Map<String, ?> settings) {
    Function<Map<String, ?>, Scheduler> maker = MAKERS.get(name);
    if (maker == null) {
      throw new SchedulerException("unknown scheduler " + name);
    }
    return maker.apply(settings);
  }
}
