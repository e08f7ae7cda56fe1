package io.rutile.pd.config;

import io.rutile.base.config.ReadableDuration;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Configuration records as nested maps of PD's keys, and back. A key is the component's name in
 * kebab case; a truth value is written as text, as PD does, and read as either.
 */
public final class ConfigCodec {
  private ConfigCodec() {}

  /** PD's key of a component: {@code maxReplicas} is {@code max-replicas}. */
  static String key(String component) {
    StringBuilder key = new StringBuilder();
    for (char c : component.toCharArray()) {
      if (Character.isUpperCase(c)) {
        key.append('-').append(Character.toLowerCase(c));
      } else {
        key.append(c);
      }
    }
    return key.toString();
  }

  /** The record as PD shows it. */
  public static Map<String, Object> toMap(Record config) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      map.put(key(component.getName()), show(read(config, component)));
    }
    return map;
  }

  private static Object show(Object value) {
    return switch (value) {
      case ReadableDuration duration -> GoDuration.text(duration.duration());
      case Record nested -> toMap(nested);
      case Boolean flag -> flag.toString();
      case List<?> list -> String.join(",", list.stream().map(String::valueOf).toList());
      default -> value;
    };
  }

  private static Object read(Record config, RecordComponent component) {
    try {
      return component.getAccessor().invoke(config);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The record with the given items changed.
   *
   * @param path where the record is, for messages; empty at the top
   * @throws ConfigException when an item is unknown or its value is not of the right kind
   */
  public static <R extends Record> R patch(R config, Map<String, ?> changes, String path) {
    @SuppressWarnings("unchecked") // getClass of an R is a Class<R>
    Class<R> type = (Class<R>) config.getClass();
    RecordComponent[] components = type.getRecordComponents();
    Map<String, Object> left = new LinkedHashMap<>(changes);
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = key(components[i].getName());
      Object now = read(config, components[i]);
      values[i] =
          left.containsKey(key)
              ? parse(components[i].getType(), now, left.remove(key), join(path, key))
              : now;
    }
    if (!left.isEmpty()) {
      throw new ConfigException(
          "config item "
              + join(path, left.keySet().iterator().next())
              + " not found; here are "
              + Arrays.stream(components)
                  .map(component -> key(component.getName()))
                  .collect(Collectors.joining(", ")));
    }
    return construct(type, components, values);
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static <R extends Record> R construct(
      Class<R> type, RecordComponent[] components, Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object parse(Class<?> type, Object now, Object given, String path) {
    if (now instanceof Record nested && !(now instanceof ReadableDuration)) {
      if (given instanceof Map<?, ?> map) {
        return patch(nested, textKeys(map), path);
      }
      throw new ConfigException(path + " is a section, not a value");
    }
    String text = given.toString();
    try {
      if (type == boolean.class) {
        return parseFlag(text);
      }
      if (type == int.class) {
        return Math.toIntExact(parseWhole(text));
      }
      if (type == long.class) {
        return parseWhole(text);
      }
      if (type == double.class) {
        return Double.parseDouble(text);
      }
      if (type == List.class) {
        return parseList(given);
      }
      return type == ReadableDuration.class
          ? ReadableDuration.parse(text.equals("0") ? "0s" : text)
          : text;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ConfigException(
          path + " cannot be \"" + text + "\": a " + kind(type) + " is expected");
    }
  }

  private static String kind(Class<?> type) {
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == ReadableDuration.class) {
      return "duration like 10ms, 5s or 30m";
    }
    return type == double.class ? "number" : "whole number that is not negative";
  }

  /** Names, in a list or separated by commas. */
  private static List<String> parseList(Object given) {
    List<?> parts = given instanceof List<?> list ? list : List.of(given.toString().split(","));
    return parts.stream()
        .map(part -> String.valueOf(part).strip())
        .filter(p -> !p.isEmpty())
        .toList();
  }

  private static boolean parseFlag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static long parseWhole(String text) {
    long value = text.endsWith(".0") ? (long) Double.parseDouble(text) : Long.parseLong(text);
    if (value < 0) {
      throw new IllegalArgumentException(text);
    }
    return value;
  }

  private static Map<String, Object> textKeys(Map<?, ?> map) {
    Map<String, Object> typed = new LinkedHashMap<>();
    map.forEach((key, value) -> typed.put(String.valueOf(key), value));
    return typed;
  }
}
