package io.rutile.pd.schedule;

import io.rutile.base.error.CorruptionException;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.pd.schedule.schedulers.LabelScheduler;
import io.rutile.pd.schedule.schedulers.Scheduler;
import io.rutile.pd.schedule.schedulers.SchedulerException;
import io.rutile.pd.schedule.schedulers.SchedulerFactory;
import io.rutile.proto.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which schedulers there are and how they are set. Each change is made durable first and then told
 * to the coordinator on its loop, one change at a time under a lock, from virtual threads.
 *
 * <p>A default scheduler runs unless it is stored as removed; any other one while it is stored.
 */
public final class SchedulerTable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final Map<String, Object> REMOVED = Map.of("disable", true);
  private static final String RANGES = "store-id-ranges";

  private final MetaKv meta;
  private final MetaPaths paths;
  private final Consumer<Consumer<SchedulingCoordinator>> onLoop;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Map<String, Object>> settings = new TreeMap<>();

  /**
   * @param onLoop runs work with the coordinator on its thread and waits for it
   */
  public SchedulerTable(
      MetaKv meta, MetaPaths paths, Consumer<Consumer<SchedulingCoordinator>> onLoop) {
    this.meta = meta;
    this.paths = paths;
    this.onLoop = onLoop;
    SchedulerFactory.DEFAULTS.forEach(name -> settings.put(name, Map.of()));
    for (KeyValue pair : meta.prefix(paths.schedulerPrefix())) {
      String name = pair.getKey().toStringUtf8().substring(paths.schedulerPrefix().length());
      Map<String, Object> stored = parse(pair);
      if (stored.equals(REMOVED)) {
        settings.remove(name);
      } else {
        settings.put(name, stored);
      }
    }
  }

  private static Map<String, Object> parse(KeyValue pair) {
    try {
      return JSON.readValue(pair.getValue().toByteArray(), OBJECT);
    } catch (JacksonException e) {
      throw new CorruptionException(
          "PD:json:ErrJSONUnmarshal", "value of " + pair.getKey().toStringUtf8(), e);
    }
  }

  /** The schedulers as loaded, before any change. */
  public List<Scheduler> initial() {
    List<Scheduler> schedulers = new ArrayList<>();
    settings.forEach((name, set) -> schedulers.add(SchedulerFactory.create(name, set)));
    return schedulers;
  }

  /**
   * Adds a scheduler, or a store to one that is for named stores.
   *
   * @param storeId the store, 0 for none
   * @throws SchedulerException when it exists already, or lacks a store
   */
  public void add(String name, long storeId) {
    lock.lock();
    try {
      Map<String, Object> known = settings.get(name);
      Map<String, Object> wanted = Map.of();
      if (SchedulerFactory.hasStores(name)) {
        if (storeId == 0) {
          throw new SchedulerException("store_id of " + name + " is missing");
        }
        wanted = withStore(known == null ? Map.of() : known, storeId, true);
      }
      if (wanted.equals(known)) {
        throw new SchedulerException("scheduler already exists: " + name);
      }
      save(name, wanted);
    } finally {
      lock.unlock();
    }
  }

  private static Map<String, Object> withStore(Map<String, ?> known, long storeId, boolean in) {
    Map<String, Object> ranges = new TreeMap<>();
    if (known.get(RANGES) instanceof Map<?, ?> stores) {
      stores.forEach((store, range) -> ranges.put(String.valueOf(store), range));
    }
    if (in) {
      ranges.put(String.valueOf(storeId), List.of(Map.of("start-key", "", "end-key", "")));
    } else {
      ranges.remove(String.valueOf(storeId));
    }
    return Map.of(RANGES, ranges);
  }

  private void save(String name, Map<String, Object> wanted) {
    Scheduler scheduler = SchedulerFactory.create(name, wanted);
    meta.put(paths.schedulerPrefix() + name, JSON.writeValueAsBytes(wanted));
    settings.put(name, wanted);
    onLoop.accept(coordinator -> coordinator.install(scheduler));
  }

  /**
   * Removes a scheduler, or one store of it when the name ends with the store's id.
   *
   * @throws SchedulerException when there is none
   */
  public void remove(String name) {
    lock.lock();
    try {
      if (settings.containsKey(name)) {
        drop(name);
        return;
      }
      int dash = name.lastIndexOf('-');
      String bare = dash < 0 ? "" : name.substring(0, dash);
      Map<String, Object> known = settings.get(bare);
      if (known == null
          || !SchedulerFactory.hasStores(bare)
          || !(known.get(RANGES) instanceof Map<?, ?> stores)
          || !stores.containsKey(name.substring(dash + 1))) {
        throw SchedulerException.notFound(name);
      }
      if (stores.size() == 1) {
        drop(bare);
      } else {
        save(bare, withStore(known, Long.parseLong(name.substring(dash + 1)), false));
      }
    } finally {
      lock.unlock();
    }
  }

  private void drop(String name) {
    if (SchedulerFactory.DEFAULTS.contains(name)) {
      meta.put(paths.schedulerPrefix() + name, JSON.writeValueAsBytes(REMOVED));
    } else {
      meta.delete(paths.schedulerPrefix() + name);
    }
    settings.remove(name);
    onLoop.accept(coordinator -> coordinator.uninstall(name));
  }

  /** How a scheduler is set, null when there is none. */
  public @Nullable Map<String, Object> settings(String name) {
    lock.lock();
    try {
      return settings.get(name);
    } finally {
      lock.unlock();
    }
  }

  /** Names of all schedulers. */
  public List<String> names() {
    lock.lock();
    try {
      return List.copyOf(settings.keySet());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Labels whose stores must not lead; the scheduler that sees to it exists while there are any.
   */
  public List<Map<String, String>> rejectedLeaders() {
    Map<String, Object> known = settings(LabelScheduler.NAME);
    List<Map<String, String>> labels = new ArrayList<>();
    if (known != null && known.get(LabelScheduler.REJECT_LEADER) instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (pair instanceof Map<?, ?> label) {
          Map<String, String> one = new LinkedHashMap<>();
          one.put("key", String.valueOf(label.get("key")));
          one.put("value", String.valueOf(label.get("value")));
          labels.add(one);
        }
      }
    }
    return labels;
  }

  /** Adds or removes a label whose stores must not lead. */
  public void rejectLeader(String key, String value, boolean rejected) {
    lock.lock();
    try {
      List<Map<String, String>> labels = rejectedLeaders();
      Map<String, String> label = new LinkedHashMap<>();
      label.put("key", key);
      label.put("value", value);
      labels.remove(label);
      if (rejected) {
        labels.add(label);
      }
      if (!labels.isEmpty()) {
        save(LabelScheduler.NAME, Map.of(LabelScheduler.REJECT_LEADER, labels));
      } else if (settings.containsKey(LabelScheduler.NAME)) {
        drop(LabelScheduler.NAME);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets a scheduler rest; 0 lets it go on.
   *
   * @param name a scheduler, or {@code all}
   */
  public void pause(String name, long seconds) {
    lock.lock();
    try {
      if (!name.equals("all") && !settings.containsKey(name)) {
        throw SchedulerException.notFound(name);
      }
      onLoop.accept(coordinator -> coordinator.pause(name, seconds));
    } finally {
      lock.unlock();
    }
  }
}
