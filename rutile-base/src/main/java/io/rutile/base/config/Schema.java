package io.rutile.base.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A record class as a section: its components are items or sections in turn. Errors here are
 * mistakes of the program, not of whoever wrote the file.
 */
record Schema(String path, Class<?> type, Constructor<?> constructor, List<Field> fields) {

  /**
   * A component of the record.
   *
   * @param key the last part of its key
   * @param item what it is unless it is a section
   */
  record Field(
      String key, RecordComponent component, @Nullable Item item, @Nullable Schema section) {
    @Nullable Object get(Object owner) {
      try {
        return component.getAccessor().invoke(owner);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static Schema of(String path, Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    List<Field> fields = new ArrayList<>();
    for (RecordComponent component : components) {
      component.getAccessor().setAccessible(true);
      String key = kebab(component.getName());
      String full = path.isEmpty() ? key : path + "." + key;
      ValueType value = ValueType.of(component.getType());
      if (value != null) {
        fields.add(new Field(key, component, Item.of(full, value, component), null));
      } else if (component.getType().isRecord()) {
        fields.add(new Field(key, component, null, of(full, component.getType())));
      } else {
        throw new IllegalArgumentException(
            full + " has a type that no item can have: " + component.getType());
      }
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return new Schema(path, type, constructor, List.copyOf(fields));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code raftMaxSizePerMsg} is {@code raft-max-size-per-msg}. */
  static String kebab(String name) {
    StringBuilder kebab = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        kebab.append('-').append(Character.toLowerCase(c));
      } else {
        kebab.append(c);
      }
    }
    return kebab.toString();
  }

  @Nullable Field field(String key) {
    for (Field field : fields) {
      if (field.key().equals(key)) {
        return field;
      }
    }
    return null;
  }

  /** All items: those of this section, then those of each section below, as a file has them. */
  List<Item> items() {
    List<Item> items = new ArrayList<>();
    fields.stream().map(Field::item).filter(Objects::nonNull).forEach(items::add);
    fields.stream()
        .map(Field::section)
        .filter(Objects::nonNull)
        .forEach(section -> items.addAll(section.items()));
    return items;
  }

  /**
   * Makes the record.
   *
   * @throws IllegalArgumentException when its constructor refuses the combination of values
   */
  Object create(@Nullable Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
