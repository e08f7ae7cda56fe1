package io.rutile.txn.lockwait;

import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.clock.Timers;
import io.rutile.proto.deadlock.WaitForEntry;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.txn.deadlock.KeyHash;
import java.util.ArrayList;
import java.util.List;

/** One waiting request. Its changing fields are guarded by the monitor of {@link LockManager}. */
final class Waiter {
  final WaitRequest request;
  final long number;
  final long sinceNanos;
  LockInfo lock;
  long lockUpdatedNanos;
  boolean lockUpdated;
  boolean done;
  Timers.Timeout timeout = () -> false;

  Waiter(WaitRequest request, LockInfo lock, long number, long nowNanos) {
    this.request = request;
    this.lock = lock;
    this.number = number;
    this.sinceNanos = nowNanos;
    this.lockUpdatedNanos = nowNanos;
  }

  /** The waits that this one means: for the owner of the lock, or for each of its sharers. */
  List<WaitForEntry> edges() {
    List<WaitForEntry> edges = new ArrayList<>(1);
    if (lock.getLockType() == Op.SharedLock && lock.getSharedLockInfosCount() > 0) {
      for (LockInfo sharer : lock.getSharedLockInfosList()) {
        edges.add(edge(sharer.getLockVersion()));
      }
    } else {
      edges.add(edge(lock.getLockVersion()));
    }
    return edges;
  }

  private WaitForEntry edge(long holder) {
    return WaitForEntry.newBuilder()
        .setTxn(request.startTs())
        .setWaitForTxn(holder)
        .setKeyHash(KeyHash.of(request.rawKey()))
        .setKey(UnsafeByteOperations.unsafeWrap(request.rawKey()))
        .setResourceGroupTag(request.tag())
        .build();
  }
}
