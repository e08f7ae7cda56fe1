package io.rutile.base.config;

import java.lang.reflect.RecordComponent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What may stand at one key. */
record Item(
    String key,
    ValueType type,
    String description,
    List<String> oneOf,
    String min,
    String max,
    boolean online,
    boolean hidden) {

  static Item of(String key, ValueType type, RecordComponent component) {
    Describe describe = component.getAnnotation(Describe.class);
    Range range = component.getAnnotation(Range.class);
    OneOf oneOf = component.getAnnotation(OneOf.class);
    return new Item(
        key,
        type,
        describe == null ? "" : describe.value(),
        oneOf == null ? List.of() : List.of(oneOf.value()),
        range == null ? "" : range.min(),
        range == null ? "" : range.max(),
        component.isAnnotationPresent(Online.class),
        component.isAnnotationPresent(Hidden.class));
  }

  String allowed() {
    return ConfigItem.allowed(type.description(), oneOf, min, max);
  }

  /** The value if it is allowed here, else null. */
  @Nullable Object read(Object toml) {
    // A switch that got a third position, such as redact-info-log, is a string of two booleans too.
    return toml instanceof Boolean && type == ValueType.STRING && !oneOf.isEmpty()
        ? inBounds(toml.toString())
        : inBounds(type.read(toml));
  }

  /** Likewise from a text. */
  @Nullable Object parse(String text) {
    return inBounds(type.parse(text));
  }

  private @Nullable Object inBounds(@Nullable Object value) {
    if (value == null || !isOneOf(value)) {
      return null;
    }
    boolean above = min.isEmpty() || compare(value, min) >= 0;
    boolean below = max.isEmpty() || compare(value, max) <= 0;
    return above && below ? value : null;
  }

  private boolean isOneOf(Object value) {
    if (oneOf.isEmpty()) {
      return true;
    }
    return value instanceof List<?> list
        ? list.stream().allMatch(element -> oneOf.contains(String.valueOf(element)))
        : oneOf.contains(value.toString());
  }

  private static int compare(Object value, String bound) {
    return switch (value) {
      case ReadableSize size -> size.compareTo(ReadableSize.parse(bound));
      case ReadableDuration duration -> duration.compareTo(ReadableDuration.parse(bound));
      case Number number -> Double.compare(number.doubleValue(), Double.parseDouble(bound));
      default -> throw new IllegalArgumentException("no order among values like " + value);
    };
  }
}
