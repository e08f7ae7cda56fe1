package io.rutile.pd.schedule.placement;

import io.rutile.pd.core.StoreInfo;
import io.rutile.proto.metapb.StoreLabel;
import java.util.List;
import java.util.Locale;

/**
 * What a store's label must be for a rule to place a peer there.
 *
 * @param key label key
 * @param values values to be in, or not; unused by the other operators
 */
public record LabelConstraint(String key, Op op, List<String> values) {
  /** Values of the label {@code engine} that mark a store as one for rules that ask for it. */
  private static final List<String> EXCLUSIVE_ENGINES = List.of("tiflash", "tiflash_compute");

  /** How the label is compared, by PD's names. */
  public enum Op {
    IN("in"),
    NOT_IN("notIn"),
    EXISTS("exists"),
    NOT_EXISTS("notExists");

    private final String wireName;

    Op(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }

    static Op of(String name) {
      for (Op op : values()) {
        if (op.wireName.equals(name)) {
          return op;
        }
      }
      throw PlacementException.content("invalid op " + name);
    }
  }

  public LabelConstraint {
    values = List.copyOf(values);
  }

  boolean matches(StoreInfo store) {
    String value = store.label(key);
    return switch (op) {
      case IN -> !value.isEmpty() && values.contains(value);
      case NOT_IN -> value.isEmpty() || !values.contains(value);
      case EXISTS -> !value.isEmpty();
      case NOT_EXISTS -> value.isEmpty();
    };
  }

  /**
   * Whether a store fulfils all constraints. A store with an exclusive label (its key starts with
   * {@code $} or is {@code exclusive}, or it is a columnar engine) only fulfils constraints that
   * ask for that label by {@code in}.
   */
  public static boolean allMatch(List<LabelConstraint> constraints, StoreInfo store) {
    for (StoreLabel label : store.meta().getLabelsList()) {
      if (isExclusive(label)
          && constraints.stream()
              .noneMatch(c -> c.op == Op.IN && c.key.equalsIgnoreCase(label.getKey()))) {
        return false;
      }
    }
    for (LabelConstraint constraint : constraints) {
      if (!constraint.matches(store)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isExclusive(StoreLabel label) {
    String key = label.getKey().toLowerCase(Locale.ROOT);
    return key.startsWith("$")
        || key.equals("exclusive")
        || (key.equals("engine") && EXCLUSIVE_ENGINES.contains(label.getValue()));
  }
}
