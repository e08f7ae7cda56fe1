package io.rutile.txn.scheduler;

import io.rutile.txn.command.WriteResult.AcquiredLock;
import io.rutile.txn.command.WriteResult.ReleasedLock;
import java.util.List;

/**
 * Hears of locks that came and went, while the latches of their keys are still held. Must not block
 * or throw.
 */
public interface LockEvents {
  void onReleased(List<ReleasedLock> released);

  /** New or refreshed pessimistic locks. */
  void onAcquired(List<AcquiredLock> acquired);
}
