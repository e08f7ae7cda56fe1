package io.rutile.base.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys that no record has, and yet are no mistakes: those that have no effect here and are
 * accepted, so that a file written for TiKV works, and those that were removed and are refused with
 * what to write instead. A key that ends in {@code .*} stands for everything below it.
 *
 * <p>Written as lines {@code key | type | note}; the type is one of bool, integer, float, string,
 * size, duration, strings, any or removed. Lines that start with {@code #} are comments.
 */
public final class OtherKeys {
  private static final String REMOVED = "removed";
  private static final Map<String, ValueType> TYPES =
      Map.of(
          "bool", ValueType.BOOL,
          "integer", ValueType.LONG,
          "float", ValueType.FLOAT,
          "string", ValueType.STRING,
          "size", ValueType.SIZE,
          "duration", ValueType.DURATION,
          "strings", ValueType.STRINGS);

  /** Of a program that accepts nothing but its own items. */
  public static final OtherKeys NONE = new OtherKeys(Map.of());

  private final Map<String, Entry> entries;

  /**
   * One line.
   *
   * @param type as written in the list
   * @param note why it has no effect, or what to write instead
   */
  public record Entry(String key, String type, String note) {
    boolean removed() {
      return type.equals(REMOVED);
    }

    /** What is allowed when the value is of the wrong type, else null. */
    @Nullable String complaint(Object toml) {
      ValueType expected = TYPES.get(type);
      return expected == null || expected.read(toml) != null ? null : expected.description();
    }
  }

  private OtherKeys(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** Reads the list and closes it. */
  public static OtherKeys read(InputStream list) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    try (var reader = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        String[] parts = line.split("\\|", 3);
        String type = parts.length == 3 ? parts[1].strip() : "";
        if (!TYPES.containsKey(type) && !type.equals("any") && !type.equals(REMOVED)) {
          throw new IllegalArgumentException("not \"key | type | note\": " + line);
        }
        String key = parts[0].strip();
        if (entries.put(key, new Entry(key, type, parts[2].strip())) != null) {
          throw new IllegalArgumentException("listed twice: " + key);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new OtherKeys(entries);
  }

  /** In the order of the list. */
  public List<Entry> entries() {
    return new ArrayList<>(entries.values());
  }

  /** The entry of that key, or of a table that it is in. */
  @Nullable Entry find(String key) {
    Entry exact = entries.get(key);
    for (int dot = key.lastIndexOf('.'); exact == null && dot > 0; ) {
      exact = entries.get(key.substring(0, dot) + ".*");
      dot = key.lastIndexOf('.', dot - 1);
    }
    return exact != null ? exact : entries.get(key + ".*");
  }

  /** Whether any entry lies below that table. */
  boolean hasBelow(String table) {
    return entries.keySet().stream().anyMatch(key -> key.startsWith(table + "."));
  }
}
