package io.rutile.txn.lockwait;

import io.rutile.txn.command.WriteResult.ReleasedLock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The waiters for one key, the oldest transaction first. Guarded by the monitor of {@link
 * LockManager}.
 */
final class KeyQueue {
  private final TreeSet<Waiter> waiters =
      new TreeSet<>(
          Comparator.<Waiter, Long>comparing(w -> w.request.startTs(), Long::compareUnsigned)
              .thenComparingLong(w -> w.number));

  /** The newest release that woke somebody, and when. */
  ReleasedLock lastRelease;

  long lastWakeNanos;
  boolean sweepScheduled;

  KeyQueue(byte[] encodedKey) {
    lastRelease = new ReleasedLock(encodedKey, 0, 0, false);
  }

  void add(Waiter waiter) {
    waiters.add(waiter);
  }

  void remove(Waiter waiter) {
    waiters.remove(waiter);
  }

  boolean isEmpty() {
    return waiters.isEmpty();
  }

  List<Waiter> all() {
    return List.copyOf(waiters);
  }

  /** The first waiter, and with one that shares all that follow it and share too. */
  List<Waiter> popHead() {
    List<Waiter> head = new ArrayList<>(1);
    Waiter first = waiters.pollFirst();
    while (first != null) {
      head.add(first);
      boolean more =
          first.request.shared() && !waiters.isEmpty() && waiters.first().request.shared();
      first = more ? waiters.pollFirst() : null;
    }
    return head;
  }

  /** All waiters up to and including the first that is to be run again. */
  List<Waiter> popSweep() {
    List<Waiter> swept = new ArrayList<>();
    Waiter next = waiters.pollFirst();
    while (next != null) {
      swept.add(next);
      next = next.request.resumable() ? null : waiters.pollFirst();
    }
    return swept;
  }
}
