package io.rutile.raft.confchange;

import io.rutile.proto.eraftpb.ConfChangeSingle;
import io.rutile.proto.eraftpb.ConfChangeTransition;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.raft.quorum.JointQuorum;
import io.rutile.raft.quorum.Majority;
import java.util.List;
import java.util.TreeSet;

/**
 * Computes the configuration that a change leads to.
 *
 * <p>A change of one member is done in one step, because any two majorities of configurations that
 * differ by one voter overlap. Larger changes, and those whose transition says so, go through a
 * joint configuration, which a change without members leaves.
 */
public final class ConfChanger {
  private final TreeSet<Long> incoming;
  private final TreeSet<Long> learners;
  private final TreeSet<Long> learnersNext;
  private final Majority outgoing;

  private ConfChanger(Configuration from, Majority outgoing) {
    this.incoming = mutable(from.voters().incoming());
    this.learners = mutable(from.learners());
    this.learnersNext = mutable(from.learnersNext());
    this.outgoing = outgoing;
  }

  private static TreeSet<Long> mutable(Majority ids) {
    TreeSet<Long> set = new TreeSet<>();
    for (long id : ids.toArray()) {
      set.add(id);
    }
    return set;
  }

  /** Whether the change ends a joint phase. */
  public static boolean leavesJoint(ConfChangeV2 change) {
    return change.getChangesCount() == 0 && change.getTransition() == ConfChangeTransition.Auto;
  }

  /** Whether the change begins a joint phase. */
  public static boolean entersJoint(ConfChangeV2 change) {
    return change.getTransition() != ConfChangeTransition.Auto || change.getChangesCount() > 1;
  }

  /**
   * The configuration after the change.
   *
   * @throws ConfChangeException when the change does not fit
   */
  public static Configuration apply(Configuration from, ConfChangeV2 change) {
    if (leavesJoint(change)) {
      return leaveJoint(from);
    }
    if (from.isJoint()) {
      throw new ConfChangeException("the configuration is joint already: " + from);
    }
    return entersJoint(change) ? enterJoint(from, change) : simple(from, change.getChangesList());
  }

  private static Configuration leaveJoint(Configuration from) {
    if (!from.isJoint()) {
      throw new ConfChangeException("cannot leave a configuration that is not joint: " + from);
    }
    TreeSet<Long> learners = mutable(from.learners());
    learners.addAll(mutable(from.learnersNext()));
    return new Configuration(
        JointQuorum.simple(from.voters().incoming()),
        Configuration.setOf(learners),
        Majority.EMPTY,
        false);
  }

  private static Configuration enterJoint(Configuration from, ConfChangeV2 change) {
    Majority old = from.voters().incoming();
    if (old.isEmpty()) {
      throw new ConfChangeException("a configuration without voters cannot become joint");
    }
    ConfChanger changer = new ConfChanger(from, old);
    changer.applyAll(change.getChangesList());
    return changer.result(change.getTransition() != ConfChangeTransition.Explicit);
  }

  private static Configuration simple(Configuration from, List<ConfChangeSingle> changes) {
    ConfChanger changer = new ConfChanger(from, Majority.EMPTY);
    changer.applyAll(changes);
    Configuration to = changer.result(false);
    if (votersChanged(from, to) > 1) {
      throw new ConfChangeException("more than one voter changed without a joint configuration");
    }
    return to;
  }

  private static int votersChanged(Configuration from, Configuration to) {
    int changed = 0;
    for (long id : from.voters().incoming().toArray()) {
      changed += to.voters().incoming().contains(id) ? 0 : 1;
    }
    for (long id : to.voters().incoming().toArray()) {
      changed += from.voters().incoming().contains(id) ? 0 : 1;
    }
    return changed;
  }

  private void applyAll(List<ConfChangeSingle> changes) {
    for (ConfChangeSingle change : changes) {
      if (change.getNodeId() != 0) { // a state machine zeroes the changes that it refuses
        apply(change.getChangeType(), change.getNodeId());
      }
    }
    if (incoming.isEmpty()) {
      throw new ConfChangeException("the change removes all voters");
    }
  }

  private void apply(ConfChangeType type, long id) {
    switch (type) {
      case AddNode -> {
        learners.remove(id);
        learnersNext.remove(id);
        incoming.add(id);
      }
      case AddLearnerNode -> {
        incoming.remove(id);
        if (outgoing.contains(id)) {
          learnersNext.add(id);
        } else {
          learners.add(id);
        }
      }
      case RemoveNode -> {
        incoming.remove(id);
        learners.remove(id);
        learnersNext.remove(id);
      }
      case UNRECOGNIZED -> throw new ConfChangeException("unknown type of change for peer " + id);
    }
  }

  private Configuration result(boolean autoLeave) {
    return new Configuration(
        new JointQuorum(Configuration.setOf(incoming), outgoing),
        Configuration.setOf(learners),
        Configuration.setOf(learnersNext),
        autoLeave);
  }
}
