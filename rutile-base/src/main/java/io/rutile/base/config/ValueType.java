package io.rutile.base.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * The types of items: how they are read from TOML and from a text, and what a person is told when
 * they are not. A conversion returns null when the value is not of the type.
 */
enum ValueType {
  BOOL("true or false", "true") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof Boolean ? toml : null;
    }

    @Override
    @Nullable Object parse(String text) {
      return text.equals("true") || text.equals("false") ? Boolean.valueOf(text) : null;
    }
  },
  INT("an integer", "4") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof Long number && number == number.intValue()
          ? (Object) number.intValue()
          : null;
    }

    @Override
    @Nullable Object parse(String text) {
      return read(LONG, text);
    }
  },
  LONG("an integer", "4") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof Long ? toml : null;
    }

    @Override
    @Nullable Object parse(String text) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        return null;
      }
    }
  },
  FLOAT("a number", "0.5") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof Number number ? (Object) number.doubleValue() : null;
    }

    @Override
    @Nullable Object parse(String text) {
      try {
        return Double.valueOf(text);
      } catch (NumberFormatException e) {
        return null;
      }
    }
  },
  STRING("a string", "\"\"") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof String ? toml : null;
    }

    @Override
    Object parse(String text) {
      return text;
    }
  },
  SIZE("a size such as \"8MB\"", "\"1GB\"") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof Long || toml instanceof String ? parse(toml.toString()) : null;
    }

    @Override
    @Nullable Object parse(String text) {
      try {
        return ReadableSize.parse(text);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
  },
  DURATION("a duration such as \"10s\"", "\"10s\"") {
    @Override
    @Nullable Object read(Object toml) {
      return toml instanceof String text ? parse(text) : null;
    }

    @Override
    @Nullable Object parse(String text) {
      try {
        return ReadableDuration.parse(text);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
  },
  STRINGS("a list of strings", "[]") {
    @Override
    @Nullable Object read(Object toml) {
      if (!(toml instanceof TomlArray array)) {
        return null;
      }
      List<String> strings = new ArrayList<>();
      for (Object element : array.toList()) {
        if (!(element instanceof String text)) {
          return null;
        }
        strings.add(text);
      }
      return List.copyOf(strings);
    }

    @Override
    Object parse(String text) {
      return text.isBlank()
          ? List.of()
          : List.of(text.split(",")).stream().map(String::strip).toList();
    }
  },
  LABELS("a table of strings", "{}") {
    @Override
    @Nullable Object read(Object toml) {
      if (!(toml instanceof TomlTable table)) {
        return null;
      }
      Map<String, String> labels = new LinkedHashMap<>();
      for (String key : table.keySet()) {
        if (!(table.get(List.of(key)) instanceof String text)) {
          return null;
        }
        labels.put(key, text);
      }
      return Map.copyOf(labels);
    }

    @Override
    @Nullable Object parse(String text) {
      Map<String, String> labels = new LinkedHashMap<>();
      for (String label : text.isBlank() ? new String[0] : text.split(",")) {
        int equals = label.indexOf('=');
        if (equals < 1) {
          return null;
        }
        labels.put(label.substring(0, equals).strip(), label.substring(equals + 1).strip());
      }
      return Map.copyOf(labels);
    }
  };

  private final String description;
  private final String example;

  ValueType(String description, String example) {
    this.description = description;
    this.example = example;
  }

  /** The value of the record component, or null when the TOML value is of another type. */
  abstract @Nullable Object read(Object toml);

  /** Likewise from a text as it stands in a command line or in a change while running. */
  abstract @Nullable Object parse(String text);

  /** What is allowed, for a message. */
  String description() {
    return description;
  }

  /** A value in TOML that stands for one that is not set. */
  String example() {
    return example;
  }

  @Nullable Object read(ValueType through, String text) {
    Object value = through.parse(text);
    return value == null ? null : read(value);
  }

  /** The value in TOML. */
  static String toml(Object value) {
    return switch (value) {
      case Boolean bool -> bool.toString();
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Double number -> number.toString();
      case List<?> list ->
          "[" + String.join(", ", list.stream().map(ValueType::toml).toList()) + "]";
      case Map<?, ?> map ->
          "{"
              + String.join(
                  ", ",
                  map.entrySet().stream()
                      .map(e -> quote(String.valueOf(e.getKey())) + " = " + toml(e.getValue()))
                      .sorted()
                      .toList())
              + "}";
      default -> quote(value.toString());
    };
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        case '\r' -> quoted.append("\\r");
        default -> {
          if (c < ' ' || c == 0x7f) {
            quoted.append(String.format("\\u%04X", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  /** The type of a record component, or null for a nested record. */
  static @Nullable ValueType of(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return BOOL;
    } else if (type == int.class || type == Integer.class) {
      return INT;
    } else if (type == long.class || type == Long.class) {
      return LONG;
    } else if (type == double.class || type == Double.class) {
      return FLOAT;
    } else if (type == String.class) {
      return STRING;
    } else if (type == ReadableSize.class) {
      return SIZE;
    } else if (type == ReadableDuration.class) {
      return DURATION;
    } else if (type == List.class) {
      return STRINGS;
    } else if (type == Map.class) {
      return LABELS;
    }
    return null;
  }
}
