package io.rutile.txn.mvcc;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.IsolationLevel;
import java.util.List;

/**
 * What a read is to see.
 *
 * @param readTs its timestamp, {@code TimeStamp.MAX} for the newest
 * @param isolation how it treats locks
 * @param resolvedLocks start_ts of transactions whose locks do not matter to it
 * @param committedLocks start_ts of transactions that are known to be committed at or below {@code
 *     readTs}: their values are taken from their locks
 * @param replicaRead whether a replica serves it, which may not skip the primary's lock
 * @param fillCache whether blocks that are read enter the block cache
 * @param needCommitTs whether the commit_ts of each value is wanted, which a lock cannot tell
 */
public record ReadSpec(
    long readTs,
    IsolationLevel isolation,
    List<Long> resolvedLocks,
    List<Long> committedLocks,
    boolean replicaRead,
    boolean fillCache,
    boolean needCommitTs) {

  public static ReadSpec of(long readTs, Context context, boolean needCommitTs) {
    return new ReadSpec(
        readTs,
        context.getIsolationLevel(),
        context.getResolvedLocksList(),
        context.getCommittedLocksList(),
        context.getReplicaRead(),
        !context.getNotFillCache(),
        needCommitTs);
  }

  /** Snapshot isolation at a timestamp with no lock to skip. */
  public static ReadSpec at(long readTs) {
    return new ReadSpec(readTs, IsolationLevel.SI, List.of(), List.of(), false, true, false);
  }

  /** The same without any look at locks, as samples are read. */
  public ReadSpec withoutLockCheck() {
    return new ReadSpec(
        readTs,
        IsolationLevel.RC,
        resolvedLocks,
        committedLocks,
        replicaRead,
        fillCache,
        needCommitTs);
  }

  /** The same with every lock that is not resolved in the way. */
  public ReadSpec withoutReadThrough() {
    return committedLocks.isEmpty()
        ? this
        : new ReadSpec(
            readTs, isolation, resolvedLocks, List.of(), replicaRead, fillCache, needCommitTs);
  }

  public boolean checksLocks() {
    return isolation != IsolationLevel.RC;
  }

  boolean refusesNewerVersions() {
    return isolation == IsolationLevel.RCCheckTS;
  }
}
