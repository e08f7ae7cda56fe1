package io.rutile.raft.confchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeTransition;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.raft.quorum.Majority;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfChangerTest {
  private static final Configuration THREE =
      Configuration.from(ConfState.newBuilder().addVoters(1).addVoters(2).addVoters(3).build());

  @Test
  void oneMemberChangesInOneStep() {
    assertThat(apply(THREE, "v4")).hasToString("voters=(1 2 3 4)");
    assertThat(apply(THREE, "r1")).hasToString("voters=(2 3)");
    assertThat(apply(THREE, "l4")).hasToString("voters=(1 2 3) learners=(4)");
    assertThat(apply(THREE, "l3")).hasToString("voters=(1 2) learners=(3)");
    assertThat(apply(apply(THREE, "l4"), "v4")).hasToString("voters=(1 2 3 4)");
    assertThat(apply(apply(THREE, "l4"), "r4")).isEqualTo(THREE);
  }

  @Test
  void aChangeThatIsDoneAlreadyChangesNothing() {
    assertThat(apply(THREE, "v3")).isEqualTo(THREE);
    assertThat(apply(THREE, "r9")).isEqualTo(THREE);
  }

  @Test
  void severalMembersChangeThroughAJointConfiguration() {
    Configuration joint = apply(THREE, "v4", "v5", "r1", "l2");
    assertThat(joint).hasToString("voters=(3 4 5)&&(1 2 3) learners_next=(2) autoleave");
    assertThat(ConfChanger.apply(joint, ConfChangeV2.getDefaultInstance()))
        .hasToString("voters=(3 4 5) learners=(2)");
  }

  @Test
  void aMemberThatIsToBecomeALearnerMayBeRemovedOrKeptInstead() {
    assertThat(apply(THREE, "l3", "v3")).hasToString("voters=(1 2 3)&&(1 2 3) autoleave");
    assertThat(apply(THREE, "l3", "r3")).hasToString("voters=(1 2)&&(1 2 3) autoleave");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Configuration joint = apply(THREE, "v4", "r1");
    assertRefused(joint, change(ConfChangeTransition.Auto, "v5"), "joint already");
    assertRefused(THREE, ConfChangeV2.getDefaultInstance(), "not joint");
    assertRefused(
        Configuration.from(ConfState.newBuilder().addVoters(1).build()),
        change(ConfChangeTransition.Auto, "r1"),
        "removes all voters");
    assertRefused(
        Configuration.EMPTY, change(ConfChangeTransition.Implicit, "v1"), "without voters");
  }

  @Test
  void storedStatesThatCannotBeAreRefused() {
    assertThatThrownBy(
            () -> Configuration.from(ConfState.newBuilder().addVoters(1).addLearners(1).build()))
        .isInstanceOf(ConfChangeException.class)
        .hasMessageContaining("both a learner and a voter");
    assertThatThrownBy(() ->
            Configuration.from(ConfState.newBuilder().addVoters(1).addLearnersNext(2).build()))
        .isInstanceOf(ConfChangeException.class);
    assertThatThrownBy(() ->
            Configuration.from(ConfState.newBuilder().addVoters(1).setAutoLeave(true).build()))
        .isInstanceOf(ConfChangeException.class);
  }

  /** The reason why changes are safe at all: quorums before and after a step share a voter. */
  @Test
  void quorumsOfSuccessiveConfigurationsOverlap() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Configuration current = THREE;
    for (int round = 0; round < 3_000; round++) {
      Configuration next = randomStep(random, current);
      assertThat(Configuration.from(next.toConfState())).isEqualTo(next);
      assertThat(disjointQuorums(current, next))
          .as("seed %d: %s then %s", seed, current, next)
          .isFalse();
      current = next;
    }
  }

  private static Configuration randomStep(Random random, Configuration from) {
    if (from.isJoint()) {
      return ConfChanger.apply(from, ConfChangeV2.getDefaultInstance());
    }
    String[] changes = new String[1 + random.nextInt(3)];
    for (int i = 0; i < changes.length; i++) {
      changes[i] = "vlr".charAt(random.nextInt(3)) + Integer.toString(1 + random.nextInt(6));
    }
    try {
      return apply(from, changes);
    } catch (ConfChangeException refused) {
      return from;
    }
  }

  private static boolean disjointQuorums(Configuration before, Configuration after) {
    for (int members = 0; members < 1 << 6; members++) {
      if (isQuorum(before, members) && isQuorum(after, ~members)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isQuorum(Configuration configuration, int members) {
    return isQuorum(configuration.voters().incoming(), members)
        && isQuorum(configuration.voters().outgoing(), members);
  }

  private static boolean isQuorum(Majority half, int members) {
    int count = 0;
    for (long id : half.toArray()) {
      count += members >> (id - 1) & 1;
    }
    return half.isEmpty() || 2 * count > half.size();
  }

  private static void assertRefused(Configuration from, ConfChangeV2 change, String why) {
    assertThatThrownBy(() -> ConfChanger.apply(from, change))
        .isInstanceOf(ConfChangeException.class)
        .hasMessageContaining(why);
  }

  private static Configuration apply(Configuration from, String... changes) {
    return ConfChanger.apply(from, change(ConfChangeTransition.Auto, changes));
  }

  private static ConfChangeV2 change(ConfChangeTransition transition, String... changes) {
    ConfChangeV2.Builder change = ConfChangeV2.newBuilder().setTransition(transition);
    for (String each : changes) {
      ConfChangeType type =
          switch (each.charAt(0)) {
            case 'v' -> ConfChangeType.AddNode;
            case 'l' -> ConfChangeType.AddLearnerNode;
            default -> ConfChangeType.RemoveNode;
          };
      change.addChanges(
          ConfChangeSingle.newBuilder()
              .setChangeType(type)
              .setNodeId(Long.parseLong(each.substring(1))));
    }
    return change.build();
  }
}
