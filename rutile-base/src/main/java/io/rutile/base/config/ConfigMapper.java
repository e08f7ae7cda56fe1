package io.rutile.base.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Maps a configuration between a TOML file, a tree of records, JSON and changes while running.
 *
 * <p>The record is the declaration. A component {@code raftMaxSizePerMsg} of the record in
 * component {@code raftstore} is the item {@code raftstore.raft-max-size-per-msg}. Components are
 * booleans, numbers, strings, {@link ReadableSize}, {@link ReadableDuration}, lists of strings,
 * tables of strings and further records. Defaults are those of one instance; an item whose default
 * is null is derived from the machine by whoever uses it. {@link Describe}, {@link Range}, {@link
 * OneOf}, {@link Online} and {@link Hidden} say the rest; what concerns several items at once is
 * checked by the record's constructor with an {@link IllegalArgumentException}.
 *
 * <p>Nothing is guessed: an unknown key, a value of another type and one out of bounds are refused,
 * all of them in one {@link ConfigException}. Immutable.
 *
 * @param <T> the root record
 */
public final class ConfigMapper<T extends Record> {
  private final Class<T> type;
  private final T defaults;
  private final Schema root;
  private final OtherKeys others;
  private final Map<String, Item> items = new LinkedHashMap<>();

  /**
   * @param defaults all default values
   * @param others keys that are accepted although no record has them
   */
  public ConfigMapper(Class<T> type, T defaults, OtherKeys others) {
    this.type = type;
    this.defaults = defaults;
    this.root = Schema.of("", type);
    this.others = others;
    root.items().forEach(item -> items.put(item.key(), item));
  }

  public T defaults() {
    return defaults;
  }

  /**
   * Reads a file over the defaults.
   *
   * @throws ConfigException when it cannot be read or something in it is wrong
   */
  public T read(Path file) {
    String toml;
    try {
      toml = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such file");
    } catch (MalformedInputException e) {
      throw new ConfigException(file + ": not a text in UTF-8");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read: " + e);
    }
    return parse(file.toString(), toml);
  }

  /**
   * Reads a text over the defaults.
   *
   * @param source how messages name it
   */
  public T parse(String source, String toml) {
    return type.cast(new TomlReader(source, root, others).read(toml, defaults));
  }

  /**
   * Sets items as a command line does, whether or not they may change while running.
   *
   * @param values key to text: {@code "8MB"}, {@code "true"}, {@code "a,b"}
   */
  public T with(T config, Map<String, String> values) {
    Map<String, Object> parsed = new HashMap<>();
    List<String> problems = new ArrayList<>();
    values.forEach((key, text) -> parse(key, text, parsed, problems));
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    try {
      return type.cast(replace(root, config, parsed));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(Objects.requireNonNullElse(e.getMessage(), "refused"));
    }
  }

  /**
   * Changes items while running: all or none.
   *
   * @throws ConfigException naming the items that are unknown, wrong or fixed at start
   */
  public T change(T config, Map<String, String> values) {
    List<String> problems = new ArrayList<>();
    for (String key : values.keySet()) {
      Item item = items.get(key);
      if (item != null && !item.online()) {
        problems.add(key + " cannot change while running");
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return with(config, values);
  }

  private void parse(String key, String text, Map<String, Object> parsed, List<String> problems) {
    Item item = items.get(key);
    if (item == null) {
      String nearest = Nearest.to(key, items.keySet());
      problems.add(
          "unknown item " + key + (nearest == null ? "" : "; did you mean " + nearest + "?"));
      return;
    }
    Object value = item.parse(text);
    if (value == null) {
      problems.add(key + " = \"" + text + "\": expected " + item.allowed());
    } else {
      parsed.put(key, value);
    }
  }

  private static Object replace(Schema schema, Object config, Map<String, Object> values) {
    Object[] fields = new Object[schema.fields().size()];
    for (int i = 0; i < fields.length; i++) {
      Schema.Field field = schema.fields().get(i);
      Object old = field.get(config);
      if (field.item() != null) {
        fields[i] = values.getOrDefault(field.item().key(), old);
      } else {
        fields[i] =
            replace(Objects.requireNonNull(field.section()), Objects.requireNonNull(old), values);
      }
    }
    return schema.create(fields);
  }

  /** The configuration as maps, lists and scalars, for JSON; units are written out. */
  public Map<String, @Nullable Object> tree(T config) {
    return tree(root, config);
  }

  private static Map<String, @Nullable Object> tree(Schema schema, Object config) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    for (Schema.Field field : schema.fields()) {
      Object value = field.get(config);
      if (field.section() != null) {
        tree.put(field.key(), tree(field.section(), Objects.requireNonNull(value)));
      } else {
        tree.put(field.key(), shown(value));
      }
    }
    return tree;
  }

  /** An item's value for JSON: units are written out, what JSON has stays as it is. */
  public static @Nullable Object shown(@Nullable Object value) {
    return value instanceof ReadableSize || value instanceof ReadableDuration
        ? value.toString()
        : value;
  }

  /** The values of all items by key, null where derived from the machine. */
  public Map<String, @Nullable Object> values(T config) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    collect(root, config, values);
    return values;
  }

  private static void collect(Schema schema, Object config, Map<String, @Nullable Object> into) {
    for (Schema.Field field : schema.fields()) {
      Object value = field.get(config);
      if (field.item() != null) {
        into.put(field.item().key(), value);
      } else if (field.section() != null) {
        collect(field.section(), Objects.requireNonNull(value), into);
      }
    }
  }

  /** Keys whose values differ. */
  public Set<String> differences(T one, T other) {
    Map<String, @Nullable Object> differing = values(one);
    Map<String, @Nullable Object> others = values(other);
    differing.entrySet().removeIf(e -> Objects.equals(e.getValue(), others.get(e.getKey())));
    return differing.keySet();
  }

  /** All items, in the order of the sample file. */
  public List<ConfigItem> items() {
    Map<String, @Nullable Object> values = values(defaults);
    List<ConfigItem> all = new ArrayList<>();
    for (Item item : items.values()) {
      Object value = values.get(item.key());
      all.add(
          new ConfigItem(
              item.key(),
              item.description(),
              item.allowed(),
              value == null ? null : ValueType.toml(value),
              item.online(),
              item.hidden()));
    }
    return all;
  }

  /** A file with every item commented out at its default value. */
  public String sample() {
    StringBuilder text = new StringBuilder();
    String section = "";
    for (ConfigItem item : items()) {
      if (item.hidden()) {
        continue;
      }
      if (!item.section().equals(section)) {
        section = item.section();
        text.append("\n[").append(section).append("]\n");
      }
      describe(item, text);
    }
    return text.toString();
  }

  private void describe(ConfigItem item, StringBuilder text) {
    text.append('\n');
    if (!item.description().isEmpty()) {
      text.append("## ").append(item.description()).append('\n');
    }
    text.append("## ").append(Character.toUpperCase(item.allowed().charAt(0)));
    text.append(item.allowed().substring(1)).append('.');
    text.append(item.online() ? " May change while running.\n" : "\n");
    String value = item.defaultValue();
    if (value == null) {
      text.append("## Derived from the machine when not set.\n");
      value = Objects.requireNonNull(items.get(item.key())).type().example();
    }
    text.append("# ").append(item.name()).append(" = ").append(value).append('\n');
  }

  /** An item's value as it stands in a file, for {@link ConfigFile}. */
  public String toml(T config, String key) {
    Object value = values(config).get(key);
    if (value == null) {
      throw new IllegalArgumentException("not set: " + key);
    }
    return ValueType.toml(value);
  }
}
