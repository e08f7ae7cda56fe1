package io.rutile.raft.quorum;

import java.util.Arrays;

/** The votes of one election. Owned by the node's thread. The first vote of a member counts. */
public final class VoteTally implements VoteLookup {
  private long[] ids = new long[4];
  private boolean[] granted = new boolean[4];
  private int size;

  public void record(long id, boolean grant) {
    if (voteOf(id) != Vote.MISSING) {
      return;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      granted = Arrays.copyOf(granted, 2 * size);
    }
    ids[size] = id;
    granted[size++] = grant;
  }

  @Override
  public Vote voteOf(long id) {
    for (int i = 0; i < size; i++) {
      if (ids[i] == id) {
        return granted[i] ? Vote.YES : Vote.NO;
      }
    }
    return Vote.MISSING;
  }
}
