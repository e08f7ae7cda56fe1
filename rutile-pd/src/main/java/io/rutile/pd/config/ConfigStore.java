package io.rutile.pd.config;

import io.rutile.base.error.CorruptionException;
import io.rutile.pd.meta.MetaKv;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The settings in force: those of the start, with the stored changes over them. A change is checked
 * by rules and guard, made durable as PD's JSON, published, and told to the listener, in this order
 * and one at a time; callers are virtual threads.
 */
public final class ConfigStore {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  private final MetaKv meta;
  private final String path;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile PdConfig current;
  private volatile BiConsumer<PdConfig, PdConfig> guard = (before, after) -> {};
  private volatile Consumer<PdConfig> listener = config -> {};

  /**
   * Loads what is stored.
   *
   * @param initial the settings of the start
   */
  public ConfigStore(MetaKv meta, String path, PdConfig initial) {
    this.meta = meta;
    this.path = path;
    this.current = merged(initial);
  }

  private PdConfig merged(PdConfig initial) {
    byte[] stored = meta.get(path);
    if (stored == null) {
      return initial;
    }
    try {
      return ConfigRules.checked(ConfigCodec.patch(initial, JSON.readValue(stored, MAP), ""));
    } catch (JacksonException | ConfigException e) {
      throw new CorruptionException("PD:json:ErrJSONUnmarshal", "stored configuration", e);
    }
  }

  /** Any thread. */
  public PdConfig current() {
    return current;
  }

  /**
   * May refuse a change, given the settings before and after it, by throwing; called before the
   * change is made durable, on the changing thread.
   */
  public void guard(BiConsumer<PdConfig, PdConfig> judge) {
    this.guard = judge;
  }

  /** Hears of changes, on the changing thread. */
  public void onChange(Consumer<PdConfig> hearer) {
    this.listener = hearer;
  }

  /**
   * Changes some items. Keys may be nested maps or dotted: {@code schedule.leader-schedule-limit};
   * a bare item name means the section that has it.
   *
   * @throws ConfigException when one is unknown or wrong; nothing changed then
   */
  public void change(Map<String, ?> changes) {
    lock.lock();
    try {
      PdConfig changed = ConfigRules.checked(ConfigCodec.patch(current, nest(changes), ""));
      guard.accept(current, changed);
      meta.put(path, JSON.writeValueAsBytes(ConfigCodec.toMap(changed)));
      current = changed;
      listener.accept(changed);
    } finally {
      lock.unlock();
    }
  }

  private Map<String, Object> nest(Map<String, ?> changes) {
    Map<String, Object> sections = ConfigCodec.toMap(current);
    Map<String, Object> nested = new LinkedHashMap<>();
    changes.forEach((key, value) -> {
      int dot = key.indexOf('.');
      if (dot > 0) {
        section(nested, key.substring(0, dot)).put(key.substring(dot + 1), value);
      } else if (value instanceof Map<?, ?> items && sections.get(key) instanceof Map<?, ?>) {
        items.forEach((item, v) -> section(nested, key).put(String.valueOf(item), v));
      } else {
        String owner = owner(sections, key);
        (owner.isEmpty() ? nested : section(nested, owner)).put(key, value);
      }
    });
    return nested;
  }

  private static String owner(Map<String, Object> sections, String item) {
    if (sections.containsKey(item)) {
      return "";
    }
    for (Map.Entry<String, Object> section : sections.entrySet()) {
      if (section.getValue() instanceof Map<?, ?> items && items.containsKey(item)) {
        return section.getKey();
      }
    }
    throw new ConfigException("config item " + item + " not found");
  }

  @SuppressWarnings("unchecked") // sections are put here and nowhere else
  private static Map<String, Object> section(Map<String, Object> nested, String name) {
    return (Map<String, Object>)
        nested.computeIfAbsent(name, ignored -> new LinkedHashMap<String, Object>());
  }
}
