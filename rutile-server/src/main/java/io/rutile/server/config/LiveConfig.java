package io.rutile.server.config;

import io.rutile.base.config.ConfigException;
import io.rutile.base.config.ConfigFile;
import io.rutile.base.config.ConfigMapper;
import io.rutile.base.log.Redaction;
import io.rutile.server.status.OnlineConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a running store. An item may change when it is declared as online; what it
 * tunes learns of the change by {@link #onChange}. A module that comes to take an item while
 * running registers there and declares the item as online in its section: an item that nobody would
 * follow is refused instead of accepted in vain.
 *
 * <p>Changes are made one at a time; readers see the last one that was made whole.
 */
public final class LiveConfig implements OnlineConfig {
  private final ConfigMapper<TikvConfig> mapper = TikvConfig.mapper();
  private final @Nullable Path file;
  private final List<Consumer<TikvConfig>> listeners = new CopyOnWriteArrayList<>();
  private volatile TikvConfig current;

  /**
   * @param started what {@link TikvConfig#load} gave
   * @param file where changes are written, null when the store was started without a file
   * @param logLevel follows {@code log.level}; the process that owns the log passes {@code
   *     Logging::setLevel}
   */
  public LiveConfig(TikvConfig started, @Nullable Path file, Consumer<String> logLevel) {
    this.current = started;
    this.file = file;
    onChange(config -> {
      logLevel.accept(config.log().level());
      Redaction.set(Redaction.Mode.of(config.security().redactInfoLog()));
    });
  }

  public TikvConfig current() {
    return current;
  }

  /** Is called with the whole configuration after each change, by the thread that made it. */
  public void onChange(Consumer<TikvConfig> listener) {
    listeners.add(listener);
  }

  @Override
  public Object tree() {
    return mapper.tree(current);
  }

  @Override
  public synchronized void change(Map<String, String> items, boolean persist) {
    TikvConfig changed = mapper.change(current, items);
    if (persist && file != null) {
      Map<String, String> lines = new LinkedHashMap<>();
      items.keySet().forEach(key -> lines.put(key, mapper.toml(changed, key)));
      ConfigFile.set(file, lines);
    }
    publish(changed);
  }

  /**
   * Online items get the file's values; the others stay as they were at start, whatever the file
   * says.
   */
  @Override
  public synchronized void reload() {
    if (file == null) {
      throw new ConfigException("the store was started without a configuration file");
    }
    TikvConfig read = mapper.read(file);
    Set<String> online =
        mapper.items().stream()
            .filter(item -> item.online())
            .map(item -> item.key())
            .collect(Collectors.toCollection(TreeSet::new));
    Map<String, String> changes = new LinkedHashMap<>();
    for (String key : mapper.differences(current, read)) {
      if (online.contains(key)) {
        changes.put(key, String.valueOf(mapper.values(read).get(key)));
      }
    }
    publish(mapper.change(current, changes));
  }

  private void publish(TikvConfig changed) {
    current = changed;
    listeners.forEach(listener -> listener.accept(changed));
  }
}
