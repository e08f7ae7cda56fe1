package io.rutile.txn.latch;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Commands that wait for one slot, oldest first. Exists only while a slot is contended. */
final class SlotQueue {
  private final ArrayDeque<LatchHold> waiting = new ArrayDeque<>(4);
  private boolean retired;

  SlotQueue(LatchHold firstWaiter) {
    waiting.add(firstWaiter);
  }

  /** False when the slot has been given up meanwhile: look at it again. */
  synchronized boolean enqueue(LatchHold hold) {
    if (retired) {
      return false;
    }
    waiting.add(hold);
    return true;
  }

  /** The next owner; null retires the queue, and the caller must free the slot. */
  synchronized @Nullable LatchHold next() {
    LatchHold next = waiting.poll();
    retired = next == null;
    return next;
  }
}
