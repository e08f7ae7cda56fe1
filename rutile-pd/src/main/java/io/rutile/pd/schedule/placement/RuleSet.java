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

  private final Map<String, RuleGroup> groups;
  private final List<PlacementRule> rules;
  private final Map<PlacementRule.Key, PlacementRule> byKey = new HashMap<>();
  private final KeyPieces<List<PlacementRule>> pieces;

  private RuleSet(Collection<PlacementRule> all, Map<String, RuleGroup> groups) {
    this.groups = new TreeMap<>(groups);
    List<PlacementRule> sorted = new ArrayList<>(all);
    sorted.sort(order());
    this.rules = List.copyOf(sorted);
    rules.forEach(rule -> byKey.put(rule.key(), rule));
    List<byte[]> boundaries = new ArrayList<>();
    for (PlacementRule rule : rules) {
      boundaries.add(rule.startKey());
      boundaries.add(rule.endKey());
    }
    this.pieces = new KeyPieces<>(boundaries, this::inForce);
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
    for (KeyPieces.Piece<List<PlacementRule>> piece : pieces.all()) {
      String range = "range {" + Bytes.hex(piece.start()) + ", " + Bytes.hex(piece.end()) + "}";
      if (piece.value().isEmpty()) {
        throw PlacementException.together("no rule for " + range);
      }
      long leaders = piece.value().stream().filter(r -> r.role() == RuleRole.LEADER).count();
      boolean votes = piece.value().stream().anyMatch(r -> r.role() == RuleRole.VOTER);
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

  /** Rules that count at a key. */
  public List<PlacementRule> at(byte[] key) {
    return pieces.at(key);
  }

  /** Rules for a region; none while it reaches over a boundary of rules. */
  public List<PlacementRule> of(RegionInfo region) {
    List<PlacementRule> inForce = pieces.around(region.startKey(), region.endKey());
    return inForce == null ? List.of() : inForce;
  }

  /** Boundaries of rules strictly between two keys; an empty end is unbounded. */
  public List<byte[]> boundariesWithin(byte[] start, byte[] end) {
    return pieces.boundariesWithin(start, end);
  }
}
