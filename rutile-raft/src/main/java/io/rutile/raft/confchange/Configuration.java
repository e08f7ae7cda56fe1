package io.rutile.raft.confchange;

import io.rutile.proto.eraftpb.ConfState;
import io.rutile.raft.quorum.JointQuorum;
import io.rutile.raft.quorum.Majority;
import java.util.Collection;
import java.util.TreeSet;

/**
 * The members of a group. Immutable and always valid.
 *
 * <p>In a joint configuration {@code voters.outgoing()} is the set that is being left; a member of
 * {@code learnersNext} votes in it for the last time and becomes a learner when the joint phase
 * ends. The sets of learners use {@link Majority} merely as a sorted set of ids.
 *
 * @param autoLeave whether the leader ends the joint phase by itself
 */
public record Configuration(
    JointQuorum voters, Majority learners, Majority learnersNext, boolean autoLeave) {

  public static final Configuration EMPTY =
      new Configuration(JointQuorum.simple(Majority.EMPTY), Majority.EMPTY, Majority.EMPTY, false);

  public Configuration {
    for (int i = 0; i < learners.size(); i++) {
      require(!voters.contains(learners.id(i)), learners.id(i), "is both a learner and a voter");
    }
    for (int i = 0; i < learnersNext.size(); i++) {
      require(
          voters.outgoing().contains(learnersNext.id(i)),
          learnersNext.id(i),
          "is to become a learner but is no outgoing voter");
    }
    if (!voters.isJoint() && autoLeave) {
      throw new ConfChangeException("auto_leave is set outside a joint configuration");
    }
  }

  private static void require(boolean condition, long id, String what) {
    if (!condition) {
      throw new ConfChangeException("peer " + id + " " + what);
    }
  }

  /**
   * The configuration as it was stored.
   *
   * @throws ConfChangeException when it is no possible configuration
   */
  public static Configuration from(ConfState state) {
    return new Configuration(
        new JointQuorum(setOf(state.getVotersList()), setOf(state.getVotersOutgoingList())),
        setOf(state.getLearnersList()),
        setOf(state.getLearnersNextList()),
        state.getAutoLeave());
  }

  static Majority setOf(Collection<Long> ids) {
    return Majority.of(ids.stream().mapToLong(Long::longValue).toArray());
  }

  public ConfState toConfState() {
    ConfState.Builder state = ConfState.newBuilder().setAutoLeave(autoLeave);
    for (long id : voters.incoming().toArray()) {
      state.addVoters(id);
    }
    for (long id : learners.toArray()) {
      state.addLearners(id);
    }
    for (long id : voters.outgoing().toArray()) {
      state.addVotersOutgoing(id);
    }
    for (long id : learnersNext.toArray()) {
      state.addLearnersNext(id);
    }
    return state.build();
  }

  public boolean isJoint() {
    return voters.isJoint();
  }

  /** Whether the peer votes, in either half of a joint configuration. */
  public boolean isVoter(long id) {
    return voters.contains(id);
  }

  public boolean isMember(long id) {
    return isVoter(id) || learners.contains(id);
  }

  /** Ids of all members, ascending. */
  public long[] members() {
    TreeSet<Long> all = new TreeSet<>();
    for (Majority part : new Majority[] {voters.incoming(), voters.outgoing(), learners}) {
      for (long id : part.toArray()) {
        all.add(id);
      }
    }
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("voters=").append(voters);
    if (!learners.isEmpty()) {
      text.append(" learners=").append(learners);
    }
    if (!learnersNext.isEmpty()) {
      text.append(" learners_next=").append(learnersNext);
    }
    return text.append(autoLeave ? " autoleave" : "").toString();
  }
}
