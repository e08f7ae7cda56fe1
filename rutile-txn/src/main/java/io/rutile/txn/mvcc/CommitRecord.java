package io.rutile.txn.mvcc;

import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/** What the write family says about one transaction on one key. */
public sealed interface CommitRecord {

  /** The transaction's own record, a commit or a rollback. */
  record Single(long commitTs, Write write) implements CommitRecord {}

  /** Its rollback, noted on the record that another transaction committed at its start_ts. */
  record OverlappedRollback() implements CommitRecord {}

  /**
   * Nothing.
   *
   * @param overlapped the record of another transaction that was committed at this one's start_ts,
   *     on which a rollback would have to be noted
   */
  record None(@Nullable Overlapped overlapped) implements CommitRecord {}

  /**
   * A record where the rollback record would go.
   *
   * @param gcFence commit_ts of the nearest newer Put or Delete, 0 for none
   */
  record Overlapped(Write write, long gcFence) {}

  CommitRecord NONE = new None(null);

  /** The commit_ts when the transaction is committed, else 0. */
  default long committedTs() {
    return this instanceof Single single && single.write().type() != WriteType.ROLLBACK
        ? single.commitTs()
        : 0;
  }

  /** Whether the transaction is known to be rolled back. */
  default boolean isRolledBack() {
    return switch (this) {
      case Single single -> single.write().type() == WriteType.ROLLBACK;
      case OverlappedRollback _ -> true;
      case None _ -> false;
    };
  }
}
