package io.rutile.base.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One item, as the sample file and the docs show it.
 *
 * @param key dotted, for example {@code raftstore.raft-max-inflight-msgs}
 * @param description one sentence, empty when none was declared
 * @param allowed which values may be set
 * @param defaultValue in TOML, null when it is derived from the machine
 * @param online whether it may change while running
 * @param hidden whether the sample file leaves it out
 */
public record ConfigItem(
    String key,
    String description,
    String allowed,
    @Nullable String defaultValue,
    boolean online,
    boolean hidden) {

  /** The last part of the key. */
  public String name() {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** The key without its last part; empty at the top level. */
  public String section() {
    return key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "";
  }

  static String allowed(String type, List<String> oneOf, String min, String max) {
    if (!oneOf.isEmpty()) {
      return "one of " + String.join(", ", oneOf);
    }
    if (!min.isEmpty() && !max.isEmpty()) {
      return type + " from " + min + " to " + max;
    }
    if (!min.isEmpty()) {
      return type + ", at least " + min;
    }
    return max.isEmpty() ? type : type + ", at most " + max;
  }
}
