package io.rutile.raft.tracker;

import io.rutile.raft.quorum.IndexLookup;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The progress of every member, in ascending order of ids. Lookups are linear: groups are small,
 * and nothing is boxed.
 */
public final class ProgressTable {
  private long[] ids = new long[0];
  private Progress[] all = new Progress[0];

  /** Acknowledged log positions, for counting commitment. */
  private final IndexLookup matches =
      id -> {
        Progress progress = get(id);
        return progress == null ? 0 : progress.match();
      };

  /** Acknowledged heartbeat rounds, for confirming leadership. */
  private final IndexLookup rounds =
      id -> {
        Progress progress = get(id);
        return progress == null ? 0 : progress.ackedRound();
      };

  public int size() {
    return all.length;
  }

  public Progress at(int position) {
    return all[position];
  }

  public @Nullable Progress get(long id) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        return all[i];
      }
    }
    return null;
  }

  public void add(Progress progress) {
    int position = -Arrays.binarySearch(ids, progress.id()) - 1;
    long[] newIds = new long[ids.length + 1];
    Progress[] newAll = new Progress[all.length + 1];
    System.arraycopy(ids, 0, newIds, 0, position);
    System.arraycopy(all, 0, newAll, 0, position);
    newIds[position] = progress.id();
    newAll[position] = progress;
    System.arraycopy(ids, position, newIds, position + 1, ids.length - position);
    System.arraycopy(all, position, newAll, position + 1, all.length - position);
    ids = newIds;
    all = newAll;
  }

  public void remove(long id) {
    all = Arrays.stream(all).filter(progress -> progress.id() != id).toArray(Progress[]::new);
    ids = Arrays.stream(ids).filter(each -> each != id).toArray();
  }

  public IndexLookup matches() {
    return matches;
  }

  public IndexLookup rounds() {
    return rounds;
  }
}
