package io.rutile.pd.schedule.placement;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.core.RegionInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All label rules. Immutable. A region has the labels of the rules whose range contains all of it;
 * the split checker sees to it that no region lies across a boundary.
 */
public final class RegionLabels {
  /** The label that keeps schedulers and checkers, all but the most needed, off a region. */
  public static final String SCHEDULE = "schedule";

  /** The label that keeps a region from being merged. */
  public static final String MERGE = "merge_option";

  public static final String DENY = "deny";

  public static final RegionLabels EMPTY = new RegionLabels(List.of());

  private final Map<String, RegionLabelRule> byId = new LinkedHashMap<>();
  private final KeyPieces<Map<String, String>> pieces;

  RegionLabels(Collection<RegionLabelRule> rules) {
    List<RegionLabelRule> sorted = new ArrayList<>(rules);
    sorted.sort(Comparator.comparingInt(RegionLabelRule::index).thenComparing(RegionLabelRule::id));
    sorted.forEach(rule -> byId.put(rule.id(), rule));
    List<byte[]> boundaries = new ArrayList<>();
    for (RegionLabelRule rule : sorted) {
      for (RegionLabelRule.KeyRange range : rule.ranges()) {
        boundaries.add(range.start());
        boundaries.add(range.end());
      }
    }
    this.pieces = new KeyPieces<>(boundaries, this::inForce);
  }

  private Map<String, String> inForce(byte[] key) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (RegionLabelRule rule : byId.values()) {
      if (rule.ranges().stream().anyMatch(r -> Bytes.inRange(key, r.start(), r.end()))) {
        rule.labels().forEach(label -> labels.put(label.key(), label.value()));
      }
    }
    return Map.copyOf(labels);
  }

  /** All rules, by index and id. */
  public Collection<RegionLabelRule> rules() {
    return byId.values();
  }

  public @Nullable RegionLabelRule rule(String id) {
    return byId.get(id);
  }

  /** Labels of a region; none while it lies across a boundary. */
  public Map<String, String> of(RegionInfo region) {
    Map<String, String> labels = pieces.around(region.startKey(), region.endKey());
    return labels == null ? Map.of() : labels;
  }

  /** Whether a label forbids this kind of touch: {@link #SCHEDULE} or {@link #MERGE}. */
  public boolean denies(RegionInfo region, String kind) {
    return pieces.all().size() > 1 && DENY.equals(of(region).get(kind));
  }

  /** Boundaries of labels strictly between two keys; an empty end is unbounded. */
  public List<byte[]> boundariesWithin(byte[] start, byte[] end) {
    return pieces.boundariesWithin(start, end);
  }
}
