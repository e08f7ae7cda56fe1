package io.rutile.pd.schedule.placement;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.config.ReplicationConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Sets of rules for simulations. */
public final class SimRules {
  private SimRules() {}

  /** Between two keys: the leader in one zone, two more voters anywhere, a learner in another. */
  public static RuleSet leaderInZoneWithLearner(
      String leaderZone, String learnerZone, String from, String to) {
    return RuleSet.of(
        List.of(
            PlacementRule.ofConfig(ReplicationConfig.DEFAULT),
            rule("leader", RuleRole.LEADER, 1, leaderZone, from, to),
            rule("followers", RuleRole.FOLLOWER, 2, "", from, to),
            rule("learner", RuleRole.LEARNER, 1, learnerZone, from, to)),
        Map.of("sim", new RuleGroup("sim", 10, true)));
  }

  private static PlacementRule rule(
      String id, RuleRole role, int count, String zone, String from, String to) {
    return new PlacementRule(
        "sim",
        id,
        role.ordinal(),
        false,
        key(from),
        key(to),
        role,
        count,
        zone.isEmpty()
            ? List.of()
            : List.of(new LabelConstraint("zone", LabelConstraint.Op.IN, List.of(zone))),
        List.of(),
        "");
  }

  private static byte[] key(String text) {
    return text.isEmpty() ? Bytes.EMPTY : text.getBytes(StandardCharsets.UTF_8);
  }
}
