package io.rutile.raft.quorum;

import java.util.Arrays;

/**
 * A set of voters of which more than half decide. Immutable; ids are sorted and distinct.
 *
 * <p>The empty set agrees to everything, so that it is neutral as the outgoing half of a joint
 * configuration.
 */
public final class Majority {
  /** No voters. */
  public static final Majority EMPTY = new Majority(new long[0]);

  private final long[] ids;

  private Majority(long[] ids) {
    this.ids = ids;
  }

  /** The ids may come in any order, and repeated. */
  public static Majority of(long... ids) {
    return ids.length == 0 ? EMPTY : new Majority(Arrays.stream(ids).sorted().distinct().toArray());
  }

  public int size() {
    return ids.length;
  }

  public boolean isEmpty() {
    return ids.length == 0;
  }

  /** The id at a position in ascending order. */
  public long id(int position) {
    return ids[position];
  }

  public long[] toArray() {
    return ids.clone();
  }

  public boolean contains(long id) {
    for (long each : ids) {
      if (each == id) {
        return true;
      }
    }
    return false;
  }

  /** How many members decide. */
  public int quorum() {
    return ids.length / 2 + 1;
  }

  /**
   * The highest index that a quorum has reached, {@code Long.MAX_VALUE} for the empty set.
   * Quadratic and without allocation, since sets are small and this runs with each acknowledgement.
   */
  public long committed(IndexLookup acked) {
    if (ids.length == 0) {
      return Long.MAX_VALUE;
    }
    int quorum = quorum();
    long best = 0;
    for (long candidateId : ids) {
      long candidate = acked.indexOf(candidateId);
      if (candidate > best && reached(acked, candidate) >= quorum) {
        best = candidate;
      }
    }
    return best;
  }

  private int reached(IndexLookup acked, long index) {
    int count = 0;
    for (long id : ids) {
      if (acked.indexOf(id) >= index) {
        count++;
      }
    }
    return count;
  }

  /** Won or lost once a quorum has said so, or can no longer be had. */
  public VoteResult vote(VoteLookup votes) {
    int yes = 0;
    int missing = 0;
    for (long id : ids) {
      switch (votes.voteOf(id)) {
        case YES -> yes++;
        case MISSING -> missing++;
        case NO -> {}
      }
    }
    if (ids.length == 0 || yes >= quorum()) {
      return VoteResult.WON;
    }
    return yes + missing >= quorum() ? VoteResult.PENDING : VoteResult.LOST;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Majority that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("(");
    for (int i = 0; i < ids.length; i++) {
      text.append(i == 0 ? "" : " ").append(ids[i]);
    }
    return text.append(')').toString();
  }
}
