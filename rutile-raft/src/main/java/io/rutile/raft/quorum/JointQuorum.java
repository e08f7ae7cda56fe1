package io.rutile.raft.quorum;

/**
 * Decides by both halves of a joint configuration (paper, section 6): what one of them refuses is
 * refused. With an empty outgoing half it is a plain majority.
 */
public record JointQuorum(Majority incoming, Majority outgoing) {
  public static JointQuorum simple(Majority voters) {
    return new JointQuorum(voters, Majority.EMPTY);
  }

  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  public boolean contains(long id) {
    return incoming.contains(id) || outgoing.contains(id);
  }

  /** The highest index that quorums of both halves have reached. */
  public long committed(IndexLookup acked) {
    return Math.min(incoming.committed(acked), outgoing.committed(acked));
  }

  public VoteResult vote(VoteLookup votes) {
    VoteResult first = incoming.vote(votes);
    VoteResult second = outgoing.vote(votes);
    if (first == second) {
      return first;
    }
    return first == VoteResult.LOST || second == VoteResult.LOST
        ? VoteResult.LOST
        : VoteResult.PENDING;
  }

  @Override
  public String toString() {
    return isJoint() ? incoming + "&&" + outgoing : incoming.toString();
  }
}
