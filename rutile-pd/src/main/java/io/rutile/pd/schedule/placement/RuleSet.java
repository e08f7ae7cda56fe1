package io.rutile.pd.schedule.placement;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.config.ReplicationConfig;
import io.rutile.pd.core.RegionInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All placement rules, and for each key range those that count there. Immutable.
 *
 * <p>The key space is cut at every start and end of a rule; within a piece the same rules count.
 * They are sorted by group and index; a rule that overrides drops the earlier ones of its group, a
 * group that overrides drops all earlier groups. A region is judged only when it lies in one piece;
 * until the split checker has split it there, none are known for it.
 */
public final class RuleSet {
  /** Without rules; every region is left alone. */
  public static final RuleSet EMPTY = new RuleSet(List.of(), Map.of());

  /** The part of the key space from {@code startKey} to the next piece. */
  private record Piece(byte[] startKey, List<PlacementRule> rules) {}

  private final Map<String, RuleGroup> groups;
  private final List<PlacementRule> rules;
  private final Map<PlacementRule.Key, PlacementRule> byKey = new HashMap<>();
  private final List<Piece> pieces;

  private RuleSet(Collection<PlacementRule> all, Map<String, RuleGroup> groups) {
    this.groups = new TreeMap<>(groups);
    List<PlacementRule> sorted = new ArrayList<>(all);
    sorted.sort(order());
    this.rules = List.copyOf(sorted);
    rules.forEach(rule -> byKey.put(rule.key(), rule));
    this.pieces = cut();
  }

  /**
   * @throws PlacementException when in some key range the rules do not ask for a voter, or ask for
   *     several leaders
   */
  static RuleSet of(Collection<PlacementRule> rules, Map<String, RuleGroup> groups) {
    RuleSet set = new RuleSet(rules, groups);
    set.check();
    return set;
  }

  /** What the section {@code replication} says, as one rule. */
  public static RuleSet ofConfig(ReplicationConfig config) {
    return new RuleSet(List.of(PlacementRule.ofConfig(config)), Map.of());
  }

  private Comparator<PlacementRule> order() {
    return Comparator.comparingInt((PlacementRule rule) -> group(rule.groupId()).index())
        .thenComparing(PlacementRule::groupId)
        .thenComparingInt(PlacementRule::index)
        .thenComparing(PlacementRule::id);
  }

  private List<Piece> cut() {
    TreeSet<byte[]> boundaries = new TreeSet<>(Bytes.ORDER);
    boundaries.add(Bytes.EMPTY);
    for (PlacementRule rule : rules) {
      boundaries.add(rule.startKey());
      if (rule.endKey().length > 0) {
        boundaries.add(rule.endKey());
      }
    }
    List<Piece> cut = new ArrayList<>(boundaries.size());
    for (byte[] start : boundaries) {
      cut.add(new Piece(start, inForce(start)));
    }
    return List.copyOf(cut);
  }

  private List<PlacementRule> inForce(byte[] key) {
    List<PlacementRule> counted = new ArrayList<>();
    List<PlacementRule> ofGroup = new ArrayList<>();
    String groupId = "";
    for (PlacementRule rule : rules) {
      if (!Bytes.inRange(key, rule.startKey(), rule.endKey())) {
        continue;
      }
      if (!rule.groupId().equals(groupId)) {
        counted.addAll(ofGroup);
        ofGroup.clear();
        groupId = rule.groupId();
        if (group(groupId).override()) {
          counted.clear();
        }
      }
      if (rule.override()) {
        ofGroup.clear();
      }
      ofGroup.add(rule);
    }
    counted.addAll(ofGroup);
    return List.copyOf(counted);
  }

  private void check() {
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      String end = i + 1 < pieces.size() ? Bytes.hex(pieces.get(i + 1).startKey) : "";
      String range = "range {" + Bytes.hex(piece.startKey) + ", " + end + "}";
      if (piece.rules.isEmpty()) {
        throw PlacementException.together("no rule for " + range);
      }
      long leaders = piece.rules.stream().filter(r -> r.role() == RuleRole.LEADER).count();
      boolean votes = piece.rules.stream().anyMatch(r -> r.role() == RuleRole.VOTER);
      if (leaders > 1) {
        throw PlacementException.together("multiple leader replicas for " + range);
      }
      if (leaders == 0 && !votes) {
        throw PlacementException.together("needs at least one leader or voter for " + range);
      }
    }
  }

  /** All rules, in the order in which they count. */
  public List<PlacementRule> rules() {
    return rules;
  }

  public @Nullable PlacementRule rule(String groupId, String id) {
    return byKey.get(new PlacementRule.Key(groupId, id));
  }

  public List<PlacementRule> ofGroup(String groupId) {
    return rules.stream().filter(rule -> rule.groupId().equals(groupId)).toList();
  }

  /** The group as configured, or as one is that nobody configured. */
  public RuleGroup group(String id) {
    RuleGroup group = groups.get(id);
    return group == null ? RuleGroup.plain(id) : group;
  }

  /** Groups that are configured or have a rule, by index and id. */
  public List<RuleGroup> groups() {
    Map<String, RuleGroup> all = new TreeMap<>(groups);
    rules.forEach(rule -> all.computeIfAbsent(rule.groupId(), RuleGroup::plain));
    List<RuleGroup> sorted = new ArrayList<>(all.values());
    sorted.sort(Comparator.comparingInt(RuleGroup::index).thenComparing(RuleGroup::id));
    return sorted;
  }

  Map<String, RuleGroup> configuredGroups() {
    return groups;
  }

  private int pieceOf(byte[] key) {
    int low = 0;
    int high = pieces.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Bytes.compare(pieces.get(middle).startKey, key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Rules that count at a key. */
  public List<PlacementRule> at(byte[] key) {
    return pieces.get(pieceOf(key)).rules;
  }

  /** Rules for a region; none while it reaches over a boundary of rules. */
  public List<PlacementRule> of(RegionInfo region) {
    int piece = pieceOf(region.startKey());
    if (piece + 1 < pieces.size()) {
      byte[] next = pieces.get(piece + 1).startKey;
      if (region.endKey().length == 0 || Bytes.compare(next, region.endKey()) < 0) {
        return List.of();
      }
    }
    return pieces.get(piece).rules;
  }

  /** Boundaries of rules strictly between two keys; an empty end is unbounded. */
  public List<byte[]> boundariesWithin(byte[] start, byte[] end) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = pieceOf(start) + 1; i < pieces.size(); i++) {
      byte[] key = pieces.get(i).startKey;
      if (end.length > 0 && Bytes.compare(key, end) >= 0) {
        break;
      }
      keys.add(key);
    }
    return keys;
  }
}
