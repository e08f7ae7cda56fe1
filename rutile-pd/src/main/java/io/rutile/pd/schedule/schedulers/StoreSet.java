package io.rutile.pd.schedule.schedulers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The stores of a scheduler, in PD's JSON: for each of them the key range, which is all keys. */
final class StoreSet {
  private static final String FIELD = "store-id-ranges";
  private static final List<Map<String, String>> ALL_KEYS =
      List.of(Map.of("start-key", "", "end-key", ""));

  private StoreSet() {}

  static Map<String, Object> toJson(Set<Long> stores) {
    Map<String, Object> ranges = new LinkedHashMap<>();
    new TreeSet<>(stores).forEach(store -> ranges.put(String.valueOf(store), ALL_KEYS));
    return Map.of(FIELD, ranges);
  }

  static Set<Long> parse(Map<String, ?> settings) {
    Set<Long> stores = new TreeSet<>();
    if (settings.get(FIELD) instanceof Map<?, ?> ranges) {
      ranges.keySet().forEach(store -> stores.add(Long.parseLong(String.valueOf(store))));
    }
    return stores;
  }
}
