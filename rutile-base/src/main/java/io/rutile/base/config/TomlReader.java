package io.rutile.base.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Reads one file over the defaults; collects all that is wrong instead of stopping at the first.
 */
final class TomlReader {
  private final String source;
  private final Schema root;
  private final OtherKeys others;
  private final List<String> problems = new ArrayList<>();

  TomlReader(String source, Schema root, OtherKeys others) {
    this.source = source;
    this.root = root;
    this.others = others;
  }

  Object read(String toml, Object defaults) {
    TomlParseResult result = Toml.parse(toml);
    result.errors().forEach(e -> problem(e.position(), String.valueOf(e.getMessage())));
    Object config = problems.isEmpty() ? section(root, result, null, defaults) : defaults;
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return config;
  }

  private Object section(
      Schema schema, TomlTable table, @Nullable TomlPosition at, Object defaults) {
    int before = problems.size();
    Object[] values = new Object[schema.fields().size()];
    for (int i = 0; i < values.length; i++) {
      Schema.Field field = schema.fields().get(i);
      Object inherited = field.get(defaults);
      Object toml = table.get(List.of(field.key()));
      values[i] = toml == null ? inherited : value(schema, field, table, toml, inherited);
    }
    for (String key : table.keySet()) {
      if (schema.field(key) == null) {
        other(join(schema.path(), key), table, key, schema);
      }
    }
    if (problems.size() > before) {
      return defaults;
    }
    try {
      return schema.create(values);
    } catch (IllegalArgumentException e) {
      problem(at, schema.path().isEmpty() ? message(e) : "[" + schema.path() + "]: " + message(e));
      return defaults;
    }
  }

  private @Nullable Object value(
      Schema schema, Schema.Field field, TomlTable table, Object toml, @Nullable Object inherited) {
    TomlPosition at = table.inputPositionOf(List.of(field.key()));
    Item item = field.item();
    if (item == null) {
      if (toml instanceof TomlTable nested) {
        return section(
            Objects.requireNonNull(field.section()), nested, at, Objects.requireNonNull(inherited));
      }
      String name = join(schema.path(), field.key());
      problem(at, name + " = " + show(toml) + ": a section is expected, [" + name + "]");
      return inherited;
    }
    Object value = item.read(toml);
    if (value == null) {
      problem(at, item.key() + " = " + show(toml) + ": expected " + item.allowed());
    }
    return value;
  }

  private void other(String key, TomlTable table, String name, Schema nearby) {
    Object toml = Objects.requireNonNull(table.get(List.of(name)));
    TomlPosition at = table.inputPositionOf(List.of(name));
    OtherKeys.Entry entry = others.find(key);
    if (entry == null && toml instanceof TomlTable nested && others.hasBelow(key)) {
      nested.keySet().forEach(below -> other(key + "." + below, nested, below, nearby));
    } else if (entry == null) {
      unknown(key, toml, at, nearby);
    } else if (entry.removed()) {
      problem(at, key + " was removed: " + entry.note());
    } else {
      String expected = entry.complaint(toml);
      if (expected != null) {
        problem(at, key + " = " + show(toml) + ": expected " + expected);
      }
    }
  }

  private void unknown(String key, Object toml, @Nullable TomlPosition at, Schema nearby) {
    Set<String> candidates = new LinkedHashSet<>();
    boolean table = toml instanceof TomlTable;
    for (Schema.Field field : nearby.fields()) {
      if ((field.section() != null) == table) {
        candidates.add(join(nearby.path(), field.key()));
      }
    }
    root.items().forEach(item -> candidates.add(table ? parent(item.key()) : item.key()));
    if (!table) {
      others.entries().forEach(entry -> candidates.add(entry.key()));
    }
    String nearest = Nearest.to(key, candidates);
    String suggestion = "";
    if (nearest != null && !nearest.isEmpty()) {
      suggestion = "; did you mean " + (table ? "[" + nearest + "]" : nearest) + "?";
    }
    String what = table ? "unknown section [" + key + "]" : key + " = " + show(toml) + ": unknown";
    problem(at, what + suggestion);
  }

  private void problem(@Nullable TomlPosition at, String text) {
    problems.add(source + (at == null ? "" : ":" + at.line()) + ": " + text);
  }

  private static String message(IllegalArgumentException e) {
    return Objects.requireNonNullElse(e.getMessage(), "refused");
  }

  private static String show(Object toml) {
    return switch (toml) {
      case TomlTable table -> "a table";
      case TomlArray array ->
          ValueType.toml(array.toList().stream().map(TomlReader::plain).toList());
      case Boolean bool -> bool.toString();
      case Number number -> number.toString();
      default -> ValueType.toml(toml.toString());
    };
  }

  private static Object plain(Object element) {
    return element instanceof Number || element instanceof Boolean ? element : element.toString();
  }

  private static String parent(String key) {
    return key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "";
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
