package io.rutile.pd.schedule.placement;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.config.ReplicationConfig;
import io.rutile.pd.core.StoreInfo;
import java.util.List;

/**
 * So many peers of this role, on stores like these, for every region of a key range.
 *
 * @param groupId group of the rule, with {@code id} its name
 * @param index order within the group, then by id
 * @param override whether earlier rules of the group do not count in this range
 * @param startKey first key; not to be changed
 * @param endKey key after the last, empty for "to the last key"; not to be changed
 * @param count peers, at least 1
 * @param locationLabels labels from the widest to the narrowest failure domain
 * @param isolationLevel the location label at which no two peers of the rule may be equal; empty
 *     for none
 */
public record PlacementRule(
    String groupId,
    String id,
    int index,
    boolean override,
    byte[] startKey,
    byte[] endKey,
    RuleRole role,
    int count,
    List<LabelConstraint> constraints,
    List<String> locationLabels,
    String isolationLevel) {
  public static final String DEFAULT_GROUP = "pd";
  public static final String DEFAULT_ID = "default";

  /** Group and id, by which a rule is known. */
  public record Key(String groupId, String id) {}

  public PlacementRule {
    constraints = List.copyOf(constraints);
    locationLabels = List.copyOf(locationLabels);
  }

  /** The rule that says what the section {@code replication} says. */
  public static PlacementRule ofConfig(ReplicationConfig config) {
    return new PlacementRule(
        DEFAULT_GROUP,
        DEFAULT_ID,
        0,
        false,
        Bytes.EMPTY,
        Bytes.EMPTY,
        RuleRole.VOTER,
        config.maxReplicas(),
        List.of(),
        config.locationLabels(),
        config.isolationLevel());
  }

  public Key key() {
    return new Key(groupId, id);
  }

  /** Whether a peer of this rule may be on that store. */
  public boolean admits(StoreInfo store) {
    return LabelConstraint.allMatch(constraints, store);
  }

  /** Whether the whole key range is meant. */
  boolean isEverywhere() {
    return startKey.length == 0 && endKey.length == 0;
  }

  /**
   * @throws PlacementException when the rule by itself makes no sense
   */
  PlacementRule checked() {
    require(!groupId.isEmpty(), "group ID should not be empty");
    require(!id.isEmpty(), "ID should not be empty");
    require(count > 0, "invalid count " + count);
    require(role != RuleRole.LEADER || count == 1, "define multiple leaders by count " + count);
    require(
        endKey.length == 0 || Bytes.compare(startKey, endKey) < 0,
        "endKey should be greater than startKey");
    require(
        isolationLevel.isEmpty() || locationLabels.contains(isolationLevel),
        "isolation_level " + isolationLevel + " is not one of location_labels");
    return this;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw PlacementException.content(message);
    }
  }

  @Override
  public String toString() {
    return "rule " + groupId + "/" + id;
  }
}
