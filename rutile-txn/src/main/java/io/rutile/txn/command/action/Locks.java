package io.rutile.txn.command.action;

import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import org.jspecify.annotations.Nullable;

/** Whose lock is it. */
public final class Locks {
  private Locks() {}

  /** The lock of {@code startTs} in a record: the record itself, a member of it, or null. */
  public static @Nullable Lock own(@Nullable LockRecord record, long startTs) {
    return switch (record) {
      case null -> null;
      case Lock lock -> lock.startTs() == startTs ? lock : null;
      case SharedLocks shared -> shared.member(startTs);
    };
  }
}
