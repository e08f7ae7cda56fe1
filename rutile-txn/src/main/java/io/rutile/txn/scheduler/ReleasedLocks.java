package io.rutile.txn.scheduler;

import io.rutile.txn.command.WriteResult.ReleasedLock;
import java.util.List;

/** Hears of locks that went away, while their latches are still held. Must not block or throw. */
@FunctionalInterface
public interface ReleasedLocks {
  void onReleased(List<ReleasedLock> released);
}
