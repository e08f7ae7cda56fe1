package io.rutile.txn.record;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The locks of several transactions that share one key. Members are of type LOCK or PESSIMISTIC and
 * have distinct start timestamps; their order in the record has no meaning.
 *
 * @param shrinkOnly an exclusive request waits, so nobody new may join
 * @param members one lock for each sharer, never empty in a stored record
 */
public record SharedLocks(boolean shrinkOnly, List<Lock> members) implements LockRecord {

  public SharedLocks {
    members = List.copyOf(members);
  }

  public @Nullable Lock member(long startTs) {
    for (Lock lock : members) {
      if (lock.startTs() == startTs) {
        return lock;
      }
    }
    return null;
  }

  /** The container with {@code lock} added, in place of the same transaction's older lock. */
  public SharedLocks with(Lock lock) {
    List<Lock> changed = new ArrayList<>(members.size() + 1);
    for (Lock member : members) {
      if (member.startTs() != lock.startTs()) {
        changed.add(member);
      }
    }
    changed.add(lock);
    return new SharedLocks(shrinkOnly, changed);
  }

  /** The container without that transaction; it may be empty, and then is to be deleted. */
  public SharedLocks without(long startTs) {
    List<Lock> changed = new ArrayList<>(members);
    changed.removeIf(member -> member.startTs() == startTs);
    return new SharedLocks(shrinkOnly, changed);
  }

  public SharedLocks withShrinkOnly() {
    return new SharedLocks(true, members);
  }

  public boolean isEmpty() {
    return members.isEmpty();
  }

  @Override
  public byte[] encode() {
    return LockCodec.encode(this);
  }
}
